import { webcrypto } from 'node:crypto'
import type { SealContext } from '@headgate/crypto'

interface NaiveKey {
  readonly id: string
  readonly bytes: Uint8Array
}

/**
 * FORMAT.md read by somebody else: the seal in WebCrypto, sharing nothing with the code under test.
 *
 * @param commitment another one than the key's, authenticated all the same: what somebody who knows a key could make
 */
export async function naiveSeal(
  key: NaiveKey,
  context: SealContext,
  plaintext: Uint8Array,
  salt: Uint8Array,
  commitment?: Uint8Array,
): Promise<Buffer> {
  const place = placeOf(context)
  const block = await blockOf(key, Buffer.concat([Buffer.from('headgate seal 1\0'), salt, place]))
  const header = Buffer.concat([Uint8Array.of(1), Buffer.from(key.id, 'hex'), salt, commitment ?? block.subarray(32)])
  return Buffer.concat([header, await encrypted(block, new Uint8Array(12), Buffer.concat([header, place]), plaintext)])
}

/** The same for a seal in a group. */
export async function naiveGroupedSeal(
  key: NaiveKey,
  context: SealContext,
  plaintext: Uint8Array,
  salt: Uint8Array,
  index: number,
): Promise<Buffer> {
  const block = await blockOf(key, Buffer.concat([Buffer.from('headgate seal 4\0'), salt]))
  const number = Buffer.alloc(4)
  number.writeUInt32BE(index)
  const header = Buffer.concat([Uint8Array.of(4), Buffer.from(key.id, 'hex'), salt, block.subarray(32), number])
  const nonce = Buffer.concat([Buffer.alloc(8), number])
  return Buffer.concat([header, await encrypted(block, nonce, Buffer.concat([header, placeOf(context)]), plaintext)])
}

function placeOf(context: SealContext): Buffer {
  return Buffer.concat([
    Buffer.from('headgate place 1\0'),
    ...[context.organisation, context.environment, context.type, context.id].flatMap((field) => {
      const text = Buffer.from(field)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(text.length)
      return [length, text]
    }),
  ])
}

async function blockOf(key: NaiveKey, info: Buffer): Promise<Buffer> {
  const hmacKey = await webcrypto.subtle.importKey('raw', Buffer.from(key.bytes), { name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
  return Buffer.from(await webcrypto.subtle.sign('HMAC', hmacKey, Buffer.concat([info, Uint8Array.of(1)])))
}

async function encrypted(block: Buffer, nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Promise<Buffer> {
  const sealKey = await webcrypto.subtle.importKey('raw', Buffer.from(block.subarray(0, 32)), 'AES-GCM', false, ['encrypt'])
  const parameters = { name: 'AES-GCM', iv: Buffer.from(nonce), additionalData: Buffer.from(additionalData) }
  return Buffer.from(await webcrypto.subtle.encrypt(parameters, sealKey, Buffer.from(plaintext)))
}
