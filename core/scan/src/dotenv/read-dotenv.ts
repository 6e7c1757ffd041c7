import type { Position, Range } from '@headgate/model'
import { type Decoded, type UnifiedText, decode, unifyLineEnds } from './decode.ts'
import { diagnoseFile } from './diagnose.ts'
import type { DotenvAssignment, DotenvCommentedAssignment, DotenvFile, DotenvItem, LineEnding } from './dotenv-file.ts'
import { type AssignmentMatch, matchAssignment } from './match-assignment.ts'
import { Positions } from './positions.ts'
import { findReferences, holdsCommand } from './references.ts'
import { unquote } from './unquote.ts'
import { isLineEnd, isSpace, lineEndFrom, skipSpace } from './white-space.ts'

export interface ReadDotenvOptions {
  /** What the file is called in ranges and messages; `.env` by default. */
  readonly name?: string
}

/**
 * Reads a `.env` file as npm dotenv 18 would, and loses nothing of it.
 *
 * Comments, blank lines, switched-off assignments and lines that set nothing are items beside the assignments; what is
 * doubtful is a diagnostic. Nothing is expanded or run. It never throws, and takes time in proportion to the length.
 */
export function readDotenv(source: string | Uint8Array, options: ReadDotenvOptions = {}): DotenvFile {
  const decoded = decode(source)
  const name = options.name ?? '.env'
  const reading = new Reading(decoded, name)
  const items = reading.items()
  const file = {
    name,
    text: decoded.text,
    items,
    assignments: items.filter((item) => item.kind === 'assignment'),
    lineEnding: lineEndingOf(decoded.text),
    bom: decoded.text.startsWith('\u{feff}'),
  }
  return { ...file, diagnostics: diagnoseFile(file, decoded.damaged) }
}

/** Only what the variables of a text are, by the same reading: for asking often. */
export function readValues(source: string): Map<string, string> {
  const { text } = unifyLineEnds(source)
  const values = new Map<string, string>()
  let at = 0
  while (at < text.length) {
    const start = skipSpace(text, at)
    const match = text[start] === '#' ? undefined : matchAssignment(text, start)
    if (match) values.set(text.slice(match.nameStart, match.nameEnd), unquote(text.slice(match.valueStart, match.valueEnd)))
    at = match ? match.end : lineEndFrom(text, start) + 1
  }
  return values
}

/** One pass over one file. Offsets are those of the unified text; `place` leads back to the original. */
class Reading {
  readonly #source: string
  readonly #unified: UnifiedText
  readonly #text: string
  readonly #positions: Positions
  /** The comment lines directly above the line that is read next. */
  #comments: string[] = []

  constructor(decoded: Decoded, name: string) {
    this.#source = decoded.text
    this.#unified = unifyLineEnds(decoded.text)
    this.#text = this.#unified.text
    this.#positions = new Positions(decoded.text, name)
  }

  items(): DotenvItem[] {
    const items: DotenvItem[] = []
    let at = 0
    while (at < this.#text.length) {
      const start = skipSpace(this.#text, at)
      const lineStart = start === this.#text.length ? start : lineStartOf(this.#text, at, start)
      if (lineStart > at) {
        items.push({ kind: 'blank', ...this.#base(at, lineStart) })
        this.#comments = []
        at = lineStart
        continue
      }
      const { item, end } = this.#line(at, start)
      items.push(item)
      at = end
    }
    return items
  }

  /** The item on the line that starts at `begin` and whose first character is at `start`. */
  #line(begin: number, start: number): { item: DotenvItem; end: number } {
    if (this.#text[start] === '#') return this.#comment(begin, start)
    const match = matchAssignment(this.#text, start)
    const comments = this.#comments
    this.#comments = []
    if (match) return { item: this.#assignment(begin, match, comments), end: match.end }
    const lineEnd = lineEndFrom(this.#text, start)
    const end = Math.min(this.#text.length, lineEnd + 1)
    return { item: { kind: 'broken', ...this.#base(begin, end), text: this.#text.slice(start, lineEnd).trim() }, end }
  }

  #comment(begin: number, start: number): { item: DotenvItem; end: number } {
    const lineEnd = lineEndFrom(this.#text, start)
    const end = Math.min(this.#text.length, lineEnd + 1)
    const text = this.#text.slice(start + 1, lineEnd)
    const base = this.#base(begin, end)
    const switchedOff = commentedAssignment(text)
    if (switchedOff) {
      this.#comments = []
      return { item: { kind: 'commented', ...base, ...switchedOff }, end }
    }
    this.#comments.push(text.trim())
    return { item: { kind: 'comment', ...base, text: text.trimEnd() }, end }
  }

  #assignment(begin: number, match: AssignmentMatch, comments: readonly string[]): DotenvAssignment {
    const matched = this.#text.slice(match.valueStart, match.valueEnd)
    const rawValue = matched.trim()
    const value = unquote(matched)
    const valueStart = Math.min(match.valueStart + matched.length - matched.trimStart().length, match.valueEnd)
    const inlineComment = match.commentStart === -1 ? undefined : this.#text.slice(match.commentStart + 1, match.end).trim()
    const start = this.#position(begin)
    const nameRange = this.#place(match.nameStart, match.nameEnd)
    const valueRange = this.#place(valueStart, valueStart + rawValue.length)
    return {
      kind: 'assignment',
      raw: this.#slice(begin, match.end),
      range: { file: nameRange.file, begin: start, end: this.#position(match.end) },
      line: start.line,
      name: this.#text.slice(match.nameStart, match.nameEnd),
      value,
      rawValue,
      quote: match.quote,
      exported: match.exported,
      separator: match.separator,
      nameRange,
      valueRange,
      comments,
      ...(inlineComment === undefined ? {} : { inlineComment }),
      cutByHash: this.#isCutByHash(match),
      references: match.quote === 'single' ? [] : findReferences(value),
      command: match.quote !== 'single' && holdsCommand(value),
      unterminated: match.quote === 'none' && isUnterminated(rawValue),
    }
  }

  #isCutByHash({ commentStart }: AssignmentMatch): boolean {
    return commentStart !== -1 && !isSpace(this.#text.charCodeAt(commentStart - 1))
  }

  /** An item reaches from its line's start to behind its line end. */
  #base(begin: number, end: number): { raw: string; range: Range; line: number } {
    const range = this.#place(begin, end)
    return { raw: this.#slice(begin, end), range, line: range.begin.line }
  }

  #slice(begin: number, end: number): string {
    return this.#source.slice(this.#unified.original(begin), this.#unified.original(end))
  }

  #position(offset: number): Position {
    return this.#positions.at(this.#unified.original(offset))
  }

  #place(begin: number, end: number): Range {
    return this.#positions.range(this.#unified.original(begin), this.#unified.original(end))
  }
}

/** The start of the line that holds `position`, looking no further back than `from`, itself a line's start. */
function lineStartOf(text: string, from: number, position: number): number {
  let at = position
  while (at > from && !isLineEnd(text.charCodeAt(at - 1))) at--
  return at
}

const SWITCHED_OFF = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=/

function commentedAssignment(text: string): Pick<DotenvCommentedAssignment, 'name' | 'value' | 'text'> | undefined {
  const name = SWITCHED_OFF.exec(text)?.[1]
  if (name === undefined) return undefined
  const line = text.trim()
  const match = matchAssignment(line, 0)
  return match && { name, value: unquote(line.slice(match.valueStart, match.valueEnd)), text: line }
}

/** A value that opens with a quote which stands nowhere else in it. `"a" b` is closed, and then goes on. */
function isUnterminated(rawValue: string): boolean {
  const mark = rawValue[0]
  if (mark !== '"' && mark !== "'" && mark !== '`') return false
  let at = rawValue.indexOf(mark, 1)
  while (at !== -1 && rawValue[at - 1] === '\\') at = rawValue.indexOf(mark, at + 1)
  return at === -1
}

function lineEndingOf(text: string): LineEnding {
  const pairs = count(text, '\r\n')
  const feeds = count(text, '\n') - pairs
  const returns = count(text, '\r') - pairs
  const kinds = [pairs && 'crlf', feeds && 'lf', returns && 'cr'].filter((kind): kind is 'crlf' | 'lf' | 'cr' => typeof kind === 'string')
  if (kinds.length > 1) return 'mixed'
  return kinds[0] ?? 'none'
}

function count(text: string, part: string): number {
  let total = 0
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) total++
  return total
}
