import { type KeyObject, createSecretKey } from 'node:crypto'

/**
 * A key with the id that stored values name it by. Its material is inside `secret`, outside of JavaScript's heap,
 * where it is wiped when the last reference is gone.
 */
export interface SecretKey {
  /** 8 bytes as hexadecimal digits. */
  readonly id: string
  /** 32 bytes. */
  readonly secret: KeyObject
}

export const KEY_LENGTH = 32
export const KEY_ID_LENGTH = 8

/**
 * A copy of key material that can be wiped for good. Small typed arrays live on JavaScript's own heap, whose collector
 * moves them and leaves what was there behind; one over a buffer of its own stays where it is.
 */
export function wipeableCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

/** Takes 32 bytes as a key. The caller's copy is wiped. */
export function secretKey(id: string, bytes: Uint8Array): SecretKey {
  if (bytes.length !== KEY_LENGTH) throw new RangeError(`a key has ${KEY_LENGTH} bytes`)
  if (!/^[0-9a-f]{16}$/.test(id)) throw new RangeError('a key id is 8 bytes as hexadecimal digits')
  const secret = createSecretKey(bytes)
  bytes.fill(0)
  return { id, secret }
}
