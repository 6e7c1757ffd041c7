import { createCipheriv, createDecipheriv, generateKeySync, randomBytes } from 'node:crypto'
import { HeadgateError } from '@headgate/model'

const NONCE_LENGTH = 12
const TAG_LENGTH = 16

/** Seals bytes that stay in this process's memory, under a key that nothing but this process ever had. */
export interface MemorySeal {
  /** @param place what the bytes are; they open as nothing else */
  seal(place: string, plaintext: Uint8Array): Uint8Array
  /** @throws SEAL_TAMPERED for bytes of another place, or changed ones */
  open(place: string, sealed: Uint8Array): Buffer
}

/**
 * AES-256-GCM under a random key of the process, a random nonce each. Not for anything that is stored: the key is gone
 * with the process. It keeps plaintext out of JavaScript's heap, so neither a heap snapshot nor a stray reference to a kept
 * value shows one.
 */
export function createMemorySeal(): MemorySeal {
  const key = generateKeySync('aes', { length: 256 })
  return {
    seal(place, plaintext) {
      const nonce = randomBytes(NONCE_LENGTH)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(place))
      const body = cipher.update(plaintext)
      cipher.final()
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(place, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_LENGTH), { authTagLength: TAG_LENGTH })
      decipher.setAAD(Buffer.from(place))
      decipher.setAuthTag(sealed.subarray(NONCE_LENGTH, NONCE_LENGTH + TAG_LENGTH))
      const plaintext = decipher.update(sealed.subarray(NONCE_LENGTH + TAG_LENGTH))
      try {
        decipher.final()
      } catch (cause) {
        plaintext.fill(0)
        throw new HeadgateError('SEAL_TAMPERED', { type: 'memory', id: place }, { cause })
      }
      return plaintext
    },
  }
}
