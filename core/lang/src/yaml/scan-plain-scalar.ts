import { isBlank, isBlankOrEnd, isBreak } from './characters.ts'
import type { Scanner } from './scanner.ts'
import { SCALAR } from './token.ts'

/** Scans a plain scalar; over several lines it is folded as YAML 1.1 says. */
export function scanPlainScalar(scanner: Scanner): void {
  const start = scanner.mark()
  const indent = scanner.indent + 1
  let end = start
  let value = ''
  let breaks = ''
  let blanks = ''
  let leadingBlanks = false
  for (;;) {
    if (scanner.atDocumentIndicator() || scanner.at() === 35) break
    const stop = wordEnd(scanner)
    if (stop > scanner.index) {
      value += (leadingBlanks ? foldBreaks(breaks) : blanks) + scanner.text.slice(scanner.index, stop)
      leadingBlanks = false
      blanks = ''
      breaks = ''
      scanner.advance(stop - scanner.index)
      end = scanner.mark()
    }
    const code = scanner.at()
    if (!isBlank(code) && !isBreak(code)) break
    for (let next = code; ; next = scanner.at()) {
      if (isBlank(next)) {
        if (leadingBlanks && next === 9 && scanner.column < indent) {
          scanner.fail('found a tab character that violates indentation', start)
        }
        if (!leadingBlanks) blanks += next === 9 ? '\t' : ' '
        scanner.advance()
      } else if (isBreak(next)) {
        if (!leadingBlanks) blanks = ''
        breaks += scanner.takeBreak()
        leadingBlanks = true
      } else break
    }
    if (scanner.flowLevel === 0 && scanner.column < indent) break
  }
  scanner.push(SCALAR, start, end, value)
  // A line break behind the scalar means that a key may follow.
  if (leadingBlanks) scanner.simpleKeyAllowed = true
}

/** Where the run of characters that belong to the scalar ends. */
function wordEnd(scanner: Scanner): number {
  const { text, flowLevel } = scanner
  let at = scanner.index
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 125 ? isBreak(code) : code <= 32 && isBlankOrEnd(code)) break
    if (code === 58 && isBlankOrEnd(at + 1 < text.length ? text.charCodeAt(at + 1) : 0)) break
    if (flowLevel > 0 && (code === 44 || code === 63 || code === 91 || code === 93 || code === 123 || code === 125)) break
  }
  return at
}

/** One line break folds into a blank, more of them into the breaks behind the first; LS and PS stay. */
export function foldBreaks(breaks: string): string {
  const first = breaks.charCodeAt(0)
  if (first !== 10) return breaks
  return breaks.length === 1 ? ' ' : breaks.slice(1)
}
