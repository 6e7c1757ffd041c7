import { isBlank, isBreak, isBreakOrEnd, isDigit } from './characters.ts'
import type { Scanner } from './scanner.ts'
import { type Mark, SCALAR } from './token.ts'

type Chomping = 'strip' | 'clip' | 'keep'

/** Scans a block scalar, `|` (literal) or `>` (folded), with its header. */
export function scanBlockScalar(scanner: Scanner, literal: boolean): void {
  const start = scanner.mark()
  scanner.advance()
  const { chomping, increment } = scanHeader(scanner, start)
  scanRestOfHeader(scanner, start)
  const explicit = increment === 0 ? 0 : scanner.indent >= 0 ? scanner.indent + increment : increment
  const first = scanBreaks(scanner, explicit, start)
  const indent = first.indent
  let breaks = first.breaks
  let end = first.end
  let leadingBreak = ''
  let afterBlank = false
  let value = ''
  while (scanner.column === indent && scanner.at() !== 0) {
    const blank = isBlank(scanner.at())
    if (!literal && !afterBlank && !blank && leadingBreak.startsWith('\n')) value += breaks === '' ? ' ' : ''
    else value += leadingBreak
    value += breaks
    afterBlank = blank
    const from = scanner.index
    let stop = from
    while (stop < scanner.text.length && !isBreakOrEnd(scanner.text.charCodeAt(stop))) stop++
    value += scanner.text.slice(from, stop)
    scanner.advance(stop - from)
    leadingBreak = isBreak(scanner.at()) ? scanner.takeBreak() : ''
    const next = scanBreaks(scanner, indent, start)
    breaks = next.breaks
    end = next.end
  }
  if (chomping !== 'strip') value += leadingBreak
  if (chomping === 'keep') value += breaks
  scanner.push(SCALAR, start, end, value, '', literal ? 'literal' : 'folded')
}

function scanHeader(scanner: Scanner, start: Mark): { chomping: Chomping; increment: number } {
  let chomping: Chomping = 'clip'
  let increment = 0
  for (let part = 0; part < 2; part++) {
    const code = scanner.at()
    if ((code === 43 || code === 45) && chomping === 'clip') {
      chomping = code === 43 ? 'keep' : 'strip'
      scanner.advance()
    } else if (isDigit(code) && increment === 0) {
      if (code === 48) scanner.fail('found an indentation indicator equal to 0', start)
      increment = code - 48
      scanner.advance()
    }
  }
  return { chomping, increment }
}

function scanRestOfHeader(scanner: Scanner, start: Mark): void {
  while (isBlank(scanner.at())) scanner.advance()
  if (scanner.at() === 35) while (!isBreakOrEnd(scanner.at())) scanner.advance()
  if (!isBreakOrEnd(scanner.at())) scanner.fail('did not find expected comment or line break', start)
  if (isBreak(scanner.at())) scanner.takeBreak()
}

/**
 * Scans indentation and empty lines. With an indent of 0 it is still to be found: it is that of the first line with
 * something on it, and more than that of the surrounding collection.
 */
function scanBreaks(scanner: Scanner, indent: number, start: Mark): { indent: number; breaks: string; end: Mark } {
  let breaks = ''
  let deepest = 0
  let end = scanner.mark()
  for (;;) {
    while ((indent === 0 || scanner.column < indent) && scanner.at() === 32) scanner.advance()
    deepest = Math.max(deepest, scanner.column)
    if ((indent === 0 || scanner.column < indent) && scanner.at() === 9) {
      scanner.fail('found a tab character where an indentation space is expected', start)
    }
    if (!isBreak(scanner.at())) break
    breaks += scanner.takeBreak()
    end = scanner.mark()
  }
  return { indent: indent === 0 ? Math.max(deepest, scanner.indent + 1, 1) : indent, breaks, end }
}
