import { decodeBase64, encodeBase64 } from './base64.ts'
import { crc32 } from './crc32.ts'

/**
 * What stands under `ciphertext` in a document: base64 of `escx`, a version (32 bits, big-endian), the payload, and the
 * CRC-32 of all that (32 bits, big-endian). The payload means nothing to the language.
 */
const MAGIC = [0x65, 0x73, 0x63, 0x78] as const
const VERSION = 1
const HEADER = 8
const TRAILER = 4
/** Shorter ones are refused: the format's readers have always asked for four bytes of payload. */
const SHORTEST = 16

/** The envelope of a payload; one of fewer than four bytes could not be opened again, and is a bug of the caller. */
export function wrapEnvelope(payload: Uint8Array): string {
  const bytes = new Uint8Array(HEADER + payload.length + TRAILER)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  view.setUint32(4, VERSION)
  bytes.set(payload, HEADER)
  view.setUint32(HEADER + payload.length, crc32(bytes.subarray(0, HEADER + payload.length)))
  return encodeBase64(bytes)
}

/** The payload of an envelope, or what is wrong with it. */
export function unwrapEnvelope(text: string): Uint8Array | { readonly fault: string } {
  const bytes = decodeBase64(text)
  if ('illegalAt' in bytes) return { fault: `illegal base64 data at input byte ${bytes.illegalAt}` }
  if (bytes.length < SHORTEST) return { fault: 'EOF' }
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) return { fault: 'invalid header' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.length - TRAILER
  if (view.getUint32(end) !== crc32(bytes.subarray(0, end))) return { fault: 'invalid checksum' }
  if (view.getUint32(4) !== VERSION) return { fault: 'unsupported version' }
  return bytes.slice(HEADER, end)
}
