import { byteLength, fromBytes, isAscii } from './bytes.ts'

/** A text as the scanner needs it, and where it stops being one. */
export interface DecodedSource {
  readonly text: string
  /** The first place that cannot be read: its offset in the text, and from which offset on the reader would notice. */
  readonly fault?: { readonly message: string; readonly noticedAt: number }
}

/** Sources are read in pieces of this many bytes; a fault is noticed when its piece is fetched. */
const CHUNK = 512

// oxlint-disable-next-line no-control-regex -- these are the characters a document may not contain
const FORBIDDEN =
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Decodes a document: UTF-8, or UTF-16 where a byte order mark says so. */
export function decodeSource(source: string | Uint8Array): DecodedSource {
  const text = typeof source === 'string' ? source : decodeBytes(source)
  const found = FORBIDDEN.exec(text)
  if (!found) return { text }
  return { text, fault: { message: faultMessage(text, found.index), noticedAt: noticedAt(text, found.index) } }
}

function decodeBytes(bytes: Uint8Array): string {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes)
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(bytes)
  return fromBytes(bytes)
}

function faultMessage(text: string, at: number): string {
  const code = text.charCodeAt(at)
  if (code < 0xd800 || code > 0xdfff || code < 0xdc80 || code > 0xdcff) return 'control characters are not allowed'
  const first = code - 0xdc00
  const width = (first & 0xe0) === 0xc0 ? 2 : (first & 0xf0) === 0xe0 ? 3 : (first & 0xf8) === 0xf0 ? 4 : 0
  if (width === 0) return 'invalid leading UTF-8 octet'
  if (text.length - at < width && byteLength(text.slice(at)) < width) return 'incomplete UTF-8 octet sequence'
  const rest = escapedBytes(text, at, width)
  for (let i = 1; i < width; i++) {
    const octet = rest[i]
    if (octet === undefined || (octet & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet'
  }
  return lengthFault(rest, width)
}

function lengthFault(octets: readonly number[], width: number): string {
  let value = (octets[0] as number) & (0xff >> (width + 1))
  for (const octet of octets.slice(1)) value = value * 64 + (octet & 0x3f)
  const lowest = width === 2 ? 0x80 : width === 3 ? 0x800 : 0x10000
  return value < lowest ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character'
}

/** The run of kept bytes at an offset, at most `width` of them. */
function escapedBytes(text: string, at: number, width: number): number[] {
  const octets: number[] = []
  for (let i = at; i < text.length && octets.length < width; i++) {
    const code = text.charCodeAt(i)
    if (code < 0xdc80 || code > 0xdcff) break
    octets.push(code - 0xdc00)
  }
  return octets
}

/** The text offset at which the piece with the fault in it is fetched. */
function noticedAt(text: string, fault: number): number {
  if (isAscii(text.slice(0, fault))) return fault - (fault % CHUNK)
  let start = 0
  let bytes = 0
  for (let i = 0; i < fault; i++) {
    const code = text.charCodeAt(i)
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdbff ? 4 : 3
    if (bytes + width > CHUNK) {
      start = i
      bytes = 0
    }
    bytes += width
    if (width === 4) i++
  }
  return bytes >= CHUNK ? fault : start
}
