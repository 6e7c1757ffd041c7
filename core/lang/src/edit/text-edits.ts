/** One replacement in a text, by offsets in UTF-16 units. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A text with some stretches replaced, which must not overlap. Everything else stays byte for byte. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}

/** The line break a text uses: that of its first line. */
export function lineBreakOf(text: string): string {
  const at = text.indexOf('\n')
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n'
}

/** What ends a line in YAML 1.1. */
const BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/

/** Whether a character ends a line. */
export function isLineBreak(character: string | undefined): boolean {
  return character !== undefined && BREAK.test(character)
}

/** Where the line at an offset begins. */
export function lineStart(text: string, offset: number): number {
  let start = offset
  while (start > 0 && !isLineBreak(text[start - 1])) start--
  return start
}

/** Where the line at an offset ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  let end = offset
  while (end < text.length && !isLineBreak(text[end])) end++
  return end
}

/** Where the line behind that of an offset begins, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const end = lineEnd(text, offset)
  return end + (text.startsWith('\r\n', end) ? 2 : end < text.length ? 1 : 0)
}

/** Whether nothing but blanks is left on the line. */
export function restIsBlank(text: string, offset: number): boolean {
  return /^[ \t]*$/.test(text.slice(offset, lineEnd(text, offset)))
}
