/** A place in a text. Lines and columns count from 1, bytes from 0; columns count Unicode code points. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly byte: number
}

/** From the first character to behind the last; `file` is what the text is called where it was read. */
export interface Range {
  readonly file: string
  readonly begin: Position
  readonly end: Position
}

export type Severity = 'error' | 'warning'

/** A mistake in somebody's text, as a value: it says what is wrong, where, and what to do about it. */
export interface Diagnostic {
  readonly severity: Severity
  /** One of the catalogue's codes, for machines; people read `message`. */
  readonly code: string
  readonly message: string
  /** Absent where the text has no place to point at, for example when it is empty. */
  readonly range?: Range
  /** The path inside the document, as `values.db.port`; empty for the document itself. */
  readonly path?: string
  readonly hint?: string
}

/** Whether anything in the list keeps the text from being used. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}

/**
 * A diagnostic as a person reads it on a terminal: code and message, the place, the line with the range underlined,
 * and the hint.
 *
 * @param source the text the range points into; without it (or without a range) the excerpt is left out
 */
export function renderDiagnostic(diagnostic: Diagnostic, source?: string): string {
  const head = `${diagnostic.severity} ${diagnostic.code}  ${diagnostic.message}`
  const lines = [head]
  if (diagnostic.range) {
    const { file, begin } = diagnostic.range
    lines.push(`  --> ${file}:${begin.line}:${begin.column}`)
    const excerpt = source === undefined ? undefined : excerptOf(source, diagnostic.range)
    if (excerpt) lines.push(...excerpt)
  } else if (diagnostic.path) {
    lines.push(`  at ${diagnostic.path}`)
  }
  if (diagnostic.hint) lines.push(`  try: ${diagnostic.hint}`)
  return lines.join('\n')
}

/** Longest stretch of a source line worth showing; minified or generated lines are cut to it. */
const EXCERPT_WIDTH = 120

function excerptOf(source: string, range: Range): string[] | undefined {
  const text = source.split('\n')[range.begin.line - 1]
  if (text === undefined) return undefined
  const characters = Array.from(text.replace(/\r$/, ''))
  const first = Math.max(0, range.begin.column - 1 - EXCERPT_WIDTH / 2)
  const shown = characters.slice(first, first + EXCERPT_WIDTH).map((character) => (character === '\t' ? ' ' : character))
  const width = range.end.line === range.begin.line ? range.end.column - range.begin.column : characters.length - range.begin.column + 1
  const carets = Math.max(1, Math.min(width, shown.length - (range.begin.column - 1 - first)))
  const gutter = String(range.begin.line)
  return [
    `${gutter} | ${shown.join('')}`,
    `${' '.repeat(gutter.length)} | ${' '.repeat(range.begin.column - 1 - first)}${'^'.repeat(carets)}`,
  ]
}
