import type { Diagnostic, Range } from '@headgate/model'

/** The quotes around a value as its reader understood them; `none` where the value stands bare. */
export type QuoteKind = 'none' | 'single' | 'double' | 'backtick'

/** How lines end: one kind throughout, several kinds, or (a text of one line) not at all. */
export type LineEnding = 'lf' | 'crlf' | 'cr' | 'mixed' | 'none'

interface ItemBase {
  /** The item's own text, its line ending included: the items of a file joined are the file. */
  readonly raw: string
  readonly range: Range
  /** The line it starts on, counted from 1. */
  readonly line: number
}

/** A reference to another variable inside a value. Never followed when reading. */
export interface DotenvReference {
  /** As written: `${A:-b}` or `$A`. */
  readonly text: string
  readonly name: string
  readonly form: 'braced' | 'bare'
  /** What follows the name inside the braces, for example `:-b`; empty for a plain `${A}` and for `$A`. */
  readonly modifier: string
  /** Where it stands in the value, in UTF-16 units. */
  readonly index: number
}

/** `NAME=value`, as the application would read it today. */
export interface DotenvAssignment extends ItemBase {
  readonly kind: 'assignment'
  readonly name: string
  readonly value: string
  /** The value as written, quotes and escapes included, without the blanks around it. */
  readonly rawValue: string
  readonly quote: QuoteKind
  readonly exported: boolean
  readonly separator: '=' | ':'
  readonly nameRange: Range
  readonly valueRange: Range
  /** The comment lines directly above, without their `#`. */
  readonly comments: readonly string[]
  /** The comment behind the value, without its `#`. */
  readonly inlineComment?: string
  /** The `#` follows the value without a blank: npm dotenv cuts the value there, other readers do not. */
  readonly cutByHash: boolean
  readonly references: readonly DotenvReference[]
  /** The value holds `$(…)` where a shell would run it. Nothing here ever does. */
  readonly command: boolean
  /** The value starts with a quote that is never closed; the quote is part of the value, as npm dotenv has it. */
  readonly unterminated: boolean
}

/** An assignment that is switched off by a `#` before it. */
export interface DotenvCommentedAssignment extends ItemBase {
  readonly kind: 'commented'
  readonly name: string
  readonly value: string
  /** The line without its `#`, blanks trimmed. */
  readonly text: string
}

export interface DotenvComment extends ItemBase {
  readonly kind: 'comment'
  /** Without its `#`, blanks at the end trimmed. */
  readonly text: string
}

/** One or more lines of nothing but white space. */
export interface DotenvBlank extends ItemBase {
  readonly kind: 'blank'
}

/** A line that sets nothing and is no comment either. */
export interface DotenvBrokenLine extends ItemBase {
  readonly kind: 'broken'
  /** Trimmed. May hold anything, a secret included: it is not for messages. */
  readonly text: string
}

export type DotenvItem = DotenvAssignment | DotenvCommentedAssignment | DotenvComment | DotenvBlank | DotenvBrokenLine

/** A `.env` file, read without loss: every character of it belongs to exactly one item. */
export interface DotenvFile {
  readonly name: string
  /** The decoded text, byte order mark included. */
  readonly text: string
  readonly items: readonly DotenvItem[]
  readonly assignments: readonly DotenvAssignment[]
  readonly diagnostics: readonly Diagnostic[]
  readonly lineEnding: LineEnding
  /** The text starts with a byte order mark. */
  readonly bom: boolean
}

/** What the application gets: the last assignment of a name wins, in the place of the first. */
export function dotenvValues(file: DotenvFile): Map<string, string> {
  return new Map(file.assignments.map(({ name, value }) => [name, value]))
}
