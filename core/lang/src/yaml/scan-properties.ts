import { fromBytes, sequenceWidth, toBytes } from './bytes.ts'
import { isBlankOrEnd, isHex, isWord } from './characters.ts'
import type { Scanner } from './scanner.ts'
import { ALIAS, type Mark, TAG } from './token.ts'

/** Characters that may stand directly behind an anchor's name: ? : , ] } % @ ` */
const BEHIND_ANCHOR = new Set([63, 58, 44, 93, 125, 37, 64, 96])

/** Scans `&name` or `*name`. */
export function scanAnchor(scanner: Scanner, kind: number): void {
  const start = scanner.mark()
  scanner.advance()
  const name = scanWord(scanner)
  const next = scanner.at()
  if (name === '' || (!isBlankOrEnd(next) && !BEHIND_ANCHOR.has(next))) {
    scanner.fail('did not find expected alphabetic or numeric character', start)
  }
  scanner.push(kind === ALIAS ? ALIAS : kind, start, scanner.mark(), name)
}

/** Scans a tag: `!<uri>`, `!handle!suffix`, `!!suffix`, `!suffix`, or a lone `!`. */
export function scanTag(scanner: Scanner): void {
  const start = scanner.mark()
  let handle = ''
  let suffix: string
  if (scanner.at(1) === 60) {
    scanner.advance(2)
    suffix = scanTagUri(scanner, '', start)
    if (scanner.at() !== 62) scanner.fail("did not find the expected '>'", start)
    scanner.advance()
  } else {
    handle = scanTagHandle(scanner, false, start)
    if (handle.length > 1 && handle.endsWith('!')) {
      suffix = scanTagUri(scanner, '', start)
    } else {
      suffix = scanTagUri(scanner, handle, start)
      handle = '!'
      // A lone `!` has itself as its suffix and no handle.
      if (suffix === '') [handle, suffix] = ['', '!']
    }
  }
  if (!isBlankOrEnd(scanner.at())) scanner.fail('did not find expected whitespace or line break', start)
  scanner.push(TAG, start, scanner.mark(), handle, suffix)
}

export function scanWord(scanner: Scanner): string {
  const from = scanner.index
  while (isWord(scanner.at())) scanner.advance()
  return scanner.text.slice(from, scanner.index)
}

export function scanTagHandle(scanner: Scanner, directive: boolean, start: Mark): string {
  if (scanner.at() !== 33) scanner.fail("did not find expected '!'", start)
  scanner.advance()
  const word = scanWord(scanner)
  if (scanner.at() === 33) {
    scanner.advance()
    return `!${word}!`
  }
  if (directive && word !== '') scanner.fail("did not find expected '!'", start)
  return `!${word}`
}

const URI_CHARACTERS = new Set(Array.from(";/?:@&=+$,.!~*'()[]%", (character) => character.charCodeAt(0)))

/** @param head what of the URI was already read as a handle; its first character is left out */
export function scanTagUri(scanner: Scanner, head: string, start: Mark): string {
  let uri = head.slice(1)
  let found = head !== ''
  for (;;) {
    const code = scanner.at()
    if (code === 37) uri += scanUriEscape(scanner, start)
    else if (isWord(code) || URI_CHARACTERS.has(code)) {
      uri += String.fromCharCode(code)
      scanner.advance()
    } else break
    found = true
  }
  if (!found) scanner.fail('did not find expected tag URI', start)
  return uri
}

/** Scans the `%xx` octets of one character. */
function scanUriEscape(scanner: Scanner, start: Mark): string {
  const octets: number[] = []
  let width = 0
  do {
    if (scanner.at() !== 37 || !isHex(scanner.at(1)) || !isHex(scanner.at(2))) scanner.fail('did not find URI escaped octet', start)
    const octet = Number.parseInt(scanner.text.slice(scanner.index + 1, scanner.index + 3), 16)
    if (octets.length === 0) {
      width = octet < 0x80 ? 1 : (octet & 0xe0) === 0xc0 ? 2 : (octet & 0xf0) === 0xe0 ? 3 : (octet & 0xf8) === 0xf0 ? 4 : 0
      if (width === 0) scanner.fail('found an incorrect leading UTF-8 octet', start)
    } else if ((octet & 0xc0) !== 0x80) scanner.fail('found an incorrect trailing UTF-8 octet', start)
    octets.push(octet)
    scanner.advance(3)
  } while (octets.length < width)
  const bytes = Uint8Array.from(octets)
  return sequenceWidth(bytes, 0) === width ? fromBytes(bytes) : fromBytes(toBytes('\ufffd'))
}
