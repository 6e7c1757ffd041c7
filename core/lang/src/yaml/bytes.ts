/**
 * Strings of the language are byte strings, and almost always valid UTF-8. They are kept as JavaScript strings; a byte
 * that is no part of a valid sequence (`fn::fromBase64` can make one, a document cannot) is kept as the lone surrogate
 * U+DC00 + byte, which no valid text contains, so that every byte survives until it is written out.
 */
const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
// oxlint-disable-next-line no-control-regex -- ASCII is exactly this range
const ASCII_ONLY = /^[\x00-\x7f]*$/

export function isAscii(text: string): boolean {
  return ASCII_ONLY.test(text)
}

/** Whether every byte of the string is part of valid UTF-8. */
export function isValidText(text: string): boolean {
  return text.isWellFormed()
}

/** How many bytes the string has. */
export function byteLength(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    if (code < 0x800) length += 1
    else if (code < 0xd800 || code > 0xdfff) length += 2
    else if (code < 0xdc00) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next <= 0xdfff) {
        length += 2
        i++
      } else length += 2
    } else if (code < 0xdc80 || code > 0xdcff) length += 2
  }
  return length
}

/** The bytes of a string, bytes outside valid text included. */
export function toBytes(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text)
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00)
    else bytes.push(...encoder.encode(character))
  }
  return Uint8Array.from(bytes)
}

/** The string of some bytes; what is not valid UTF-8 is kept byte by byte. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return decodeLoosely(bytes)
  }
}

function decodeLoosely(bytes: Uint8Array): string {
  const parts: string[] = []
  let at = 0
  while (at < bytes.length) {
    const width = sequenceWidth(bytes, at)
    parts.push(width === 0 ? String.fromCharCode(0xdc00 + (bytes[at] as number)) : strictDecoder.decode(bytes.subarray(at, at + width)))
    at += Math.max(1, width)
  }
  return parts.join('')
}

/** Length of the valid UTF-8 sequence at an offset, 0 where there is none. */
export function sequenceWidth(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const width = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  if (width === 0 || at + width > bytes.length) return 0
  const second = bytes[at + 1] as number
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let i = 2; i < width; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0
  return width
}

/** Joins strings; halves of a character that came apart become one again. */
export function joinTexts(parts: readonly string[], separator = ''): string {
  const joined = parts.join(separator)
  return LONE_SURROGATE.test(joined) ? fromBytes(toBytes(joined)) : joined
}

/** The text as it can be shown or sent: what is no valid UTF-8 becomes U+FFFD, one for each byte. */
export function toShownText(text: string): string {
  return text.toWellFormed()
}

/** Orders strings by their UTF-8 bytes, which differs from the order of UTF-16 units where surrogates are involved. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return byteRank(left) - byteRank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for characters behind U+FFFF, so they sort behind every other unit. */
function byteRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
