import { isBlank, isBlankOrEnd, isBreak, isHex } from './characters.ts'
import { foldBreaks } from './scan-plain-scalar.ts'
import type { Scanner } from './scanner.ts'
import { type Mark, SCALAR } from './token.ts'

/** What one character behind a backslash stands for. */
const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\x08',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\x0b',
  f: '\x0c',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}

/** Escapes by number, with their count of hexadecimal digits. */
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Scans a quoted scalar, from its opening quote to its closing one. */
export function scanQuotedScalar(scanner: Scanner, single: boolean): void {
  const start = scanner.mark()
  const quote = single ? 39 : 34
  let value = ''
  scanner.advance()
  for (;;) {
    if (scanner.atDocumentIndicator()) scanner.fail('found unexpected document indicator', start)
    if (scanner.at() === 0) scanner.fail('found unexpected end of stream', start)
    const run = single ? scanSingleRun(scanner) : scanDoubleRun(scanner, start)
    value += run.text
    if (!run.continued && scanner.at() === quote) break
    value += scanGap(scanner, run.continued)
  }
  scanner.advance()
  scanner.push(SCALAR, start, scanner.mark(), value, '', single ? 'single' : 'double')
}

interface Run {
  readonly text: string
  /** Whether the run ended in a backslash before a line break, which joins the lines. */
  readonly continued: boolean
}

function scanSingleRun(scanner: Scanner): Run {
  let text = ''
  let from = scanner.index
  for (;;) {
    const code = scanner.at()
    if (isBlankOrEnd(code)) break
    if (code === 39) {
      if (scanner.at(1) !== 39) break
      text += scanner.text.slice(from, scanner.index + 1)
      scanner.advance(2)
      from = scanner.index
    } else scanner.advance()
  }
  return { text: text + scanner.text.slice(from, scanner.index), continued: false }
}

function scanDoubleRun(scanner: Scanner, start: Mark): Run {
  let text = ''
  let from = scanner.index
  for (;;) {
    const code = scanner.at()
    if (isBlankOrEnd(code) || code === 34) break
    if (code !== 92) {
      scanner.advance()
      continue
    }
    text += scanner.text.slice(from, scanner.index)
    if (isBreak(scanner.at(1))) {
      scanner.advance()
      scanner.takeBreak()
      return { text, continued: true }
    }
    text += scanEscape(scanner, start)
    from = scanner.index
  }
  return { text: text + scanner.text.slice(from, scanner.index), continued: false }
}

function scanEscape(scanner: Scanner, start: Mark): string {
  const letter = scanner.text.charAt(scanner.index + 1)
  const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
  const length = Object.hasOwn(CODE_LENGTHS, letter) ? (CODE_LENGTHS[letter] as number) : 0
  if (plain === undefined && length === 0) scanner.fail('found unknown escape character', start)
  scanner.advance(2)
  if (plain !== undefined) return plain
  for (let i = 0; i < length; i++) if (!isHex(scanner.at(i))) scanner.fail('did not find expected hexdecimal number', start)
  const code = Number.parseInt(scanner.text.slice(scanner.index, scanner.index + length), 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) scanner.fail('found invalid Unicode character escape code', start)
  scanner.advance(length)
  return String.fromCodePoint(code)
}

/** Blanks and line breaks between two runs, folded. */
function scanGap(scanner: Scanner, continued: boolean): string {
  let blanks = ''
  let breaks = ''
  let broken = continued
  for (;;) {
    const code = scanner.at()
    if (isBlank(code)) {
      if (!broken) blanks += code === 9 ? '\t' : ' '
      scanner.advance()
    } else if (isBreak(code)) {
      const text = scanner.takeBreak()
      breaks += text
      broken = true
    } else break
  }
  if (!broken) return blanks
  // Behind a backslash the first break is already taken, so the ones found here are all further ones.
  return continued ? breaks : foldBreaks(breaks)
}
