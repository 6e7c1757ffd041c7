/**
 * Base64url from bytes to bytes. Node's own goes through strings, which nobody can wipe and which stay on the heap for
 * as long as it likes; a key must not.
 */
const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

/** Without padding. The answer is the caller's to wipe. */
export function encodeBase64Url(bytes: Uint8Array): Uint8Array {
  const text = Buffer.allocUnsafeSlow(Math.ceil((bytes.length * 4) / 3))
  let written = 0
  for (let n = 0; n < bytes.length; n += 3) {
    const group = ((bytes[n] ?? 0) << 16) | ((bytes[n + 1] ?? 0) << 8) | (bytes[n + 2] ?? 0)
    for (let shift = 18; shift >= 0 && written < text.length; shift -= 6) text[written++] = DIGITS[(group >> shift) & 63] ?? 0
  }
  return text
}

/** Undefined for what `encodeBase64Url` does not write, bits left over among it. The answer is the caller's to wipe. */
export function decodeBase64Url(text: Uint8Array): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined
  const bytes = Buffer.allocUnsafeSlow(Math.floor((text.length * 3) / 4))
  let group = 0
  let bits = 0
  let written = 0
  for (const digit of text) {
    const value = DIGITS.indexOf(digit)
    if (value < 0) return undefined
    group = (group << 6) | value
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[written++] = (group >> bits) & 255
    group &= (1 << bits) - 1
  }
  if (group === 0) return bytes
  bytes.fill(0)
  return undefined
}
