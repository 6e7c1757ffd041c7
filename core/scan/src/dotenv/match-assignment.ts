/**
 * One assignment, found the way npm dotenv finds it.
 *
 * dotenv reads a file with one regular expression over the whole text, and the odd cases people rely on follow from it:
 * a value may start on a later line if it is quoted, an escaped quote may close a value after all, a name and its `=`
 * may stand on different lines. This is the same language worked out by hand, without backtracking, so that a hostile
 * file costs no more than its length. test/reading-as-dotenv.test.ts holds the two against each other.
 */
import type { QuoteKind } from './dotenv-file.ts'
import { isLineEnd, lineEndFrom, skipBlanks, skipSpace } from './white-space.ts'

/** Offsets into a text whose line ends are already unified to `\n`. */
export interface AssignmentMatch {
  readonly exported: boolean
  readonly nameStart: number
  readonly nameEnd: number
  readonly separator: '=' | ':'
  readonly valueStart: number
  readonly valueEnd: number
  readonly quote: QuoteKind
  /** Where the `#` of a comment behind the value stands, or -1. */
  readonly commentStart: number
  /** Behind the line end that closes the assignment. */
  readonly end: number
}

const QUOTES: Readonly<Record<string, QuoteKind>> = { "'": 'single', '"': 'double', '`': 'backtick' }

/**
 * The assignment that starts at `start`, the first character of a line that is no blank; undefined where there is none.
 *
 * @param text without carriage returns
 */
export function matchAssignment(text: string, start: number): AssignmentMatch | undefined {
  const behindExport = exportEnd(text, start)
  if (behindExport !== undefined) {
    const match = matchName(text, behindExport, true)
    if (match) return match
  }
  return matchName(text, start, false)
}

/** Behind `export` and the white space it needs, or undefined. */
function exportEnd(text: string, start: number): number | undefined {
  if (!text.startsWith('export', start)) return undefined
  const end = skipSpace(text, start + 6)
  return end > start + 6 ? end : undefined
}

function matchName(text: string, nameStart: number, exported: boolean): AssignmentMatch | undefined {
  let nameEnd = nameStart
  while (nameEnd < text.length && isNameCharacter(text.charCodeAt(nameEnd))) nameEnd++
  if (nameEnd === nameStart) return undefined
  const found = separatorEnd(text, nameEnd)
  if (!found) return undefined
  const value = matchQuoted(text, found.end) ?? matchBare(text, found.end)
  const behind = skipBlanks(text, value.end)
  const commentStart = text[behind] === '#' ? behind : -1
  const lineEnd = lineEndFrom(text, behind)
  return {
    exported,
    nameStart,
    nameEnd,
    separator: found.separator,
    valueStart: value.start,
    valueEnd: value.end,
    quote: value.quote,
    commentStart,
    end: Math.min(text.length, lineEnd + 1),
  }
}

/** `=` with any white space before it, or `:` right behind the name with one white space behind it. */
function separatorEnd(text: string, nameEnd: number): { separator: '=' | ':'; end: number } | undefined {
  const equals = skipSpace(text, nameEnd)
  if (text[equals] === '=') return { separator: '=', end: equals + 1 }
  if (text[nameEnd] === ':' && skipSpace(text, nameEnd + 1) > nameEnd + 1) return { separator: ':', end: nameEnd + 2 }
  return undefined
}

interface ValueMatch {
  readonly start: number
  readonly end: number
  readonly quote: QuoteKind
}

/**
 * A quoted value, which white space and even line ends may precede.
 *
 * It closes at the first quote without a backslash before it, if nothing but a comment follows on that line; else at
 * the last escaped quote for which that holds; else the value is not a quoted one.
 */
function matchQuoted(text: string, from: number): ValueMatch | undefined {
  const start = skipSpace(text, from)
  const mark = text[start] ?? ''
  const quote = QUOTES[mark]
  if (!quote) return undefined
  const escaped: number[] = []
  let at = text.indexOf(mark, start + 1)
  while (at !== -1 && text[at - 1] === '\\') {
    escaped.push(at)
    at = text.indexOf(mark, at + 1)
  }
  if (at !== -1 && mayEndAt(text, at + 1)) return { start, end: at + 1, quote }
  const close = escaped.findLast((candidate) => mayEndAt(text, candidate + 1))
  return close === undefined ? undefined : { start, end: close + 1, quote }
}

/** A bare value runs to a `#` or the end of the line, whatever it holds. */
function matchBare(text: string, from: number): ValueMatch {
  let end = from
  while (end < text.length && text.charCodeAt(end) !== 35 && text.charCodeAt(end) !== 10) end++
  return { start: from, end, quote: 'none' }
}

/** Whether the rest of the line is white space or a comment. */
function mayEndAt(text: string, from: number): boolean {
  const next = skipBlanks(text, from)
  return next === text.length || text[next] === '#' || isLineEnd(text.charCodeAt(next))
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 46 || code === 45
  )
}
