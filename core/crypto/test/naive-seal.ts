import { webcrypto } from 'node:crypto'
import type { SealContext } from '@headgate/crypto'

/**
 * FORMAT.md read by somebody else: the seal in WebCrypto, sharing nothing with the code under test.
 *
 * @param commitment another one than the key's, authenticated all the same: what somebody who knows a key could make
 */
export async function naiveSeal(
  key: { readonly id: string; readonly bytes: Uint8Array },
  context: SealContext,
  plaintext: Uint8Array,
  salt: Uint8Array,
  commitment?: Uint8Array,
): Promise<Buffer> {
  const place = Buffer.concat([
    Buffer.from('headgate place 1\0'),
    ...[context.organisation, context.environment, context.type, context.id].flatMap((field) => {
      const text = Buffer.from(field)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(text.length)
      return [length, text]
    }),
  ])
  const hmacKey = await webcrypto.subtle.importKey('raw', Buffer.from(key.bytes), { name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
  const info = Buffer.concat([Buffer.from('headgate seal 1\0'), salt, place, Uint8Array.of(1)])
  const block = Buffer.from(await webcrypto.subtle.sign('HMAC', hmacKey, info))
  const header = Buffer.concat([Uint8Array.of(1), Buffer.from(key.id, 'hex'), salt, commitment ?? block.subarray(32)])
  const sealKey = await webcrypto.subtle.importKey('raw', block.subarray(0, 32), 'AES-GCM', false, ['encrypt'])
  const parameters = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: Buffer.concat([header, place]) }
  return Buffer.concat([header, Buffer.from(await webcrypto.subtle.encrypt(parameters, sealKey, Buffer.from(plaintext)))])
}
