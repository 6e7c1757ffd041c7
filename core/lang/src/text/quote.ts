/** Escapes that have a letter of their own. */
const LETTERS = new Map<number, string>([
  [7, '\\a'],
  [8, '\\b'],
  [12, '\\f'],
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [11, '\\v'],
  [34, '\\"'],
  [92, '\\\\'],
])

const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/
/** Letters, marks, numbers, punctuation and symbols; of blanks only the plain one. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** A text in double quotes, as the language writes strings inside strings: printable Unicode stays, the rest is escaped. */
export function quote(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`
  let quoted = '"'
  for (const character of text) quoted += quoteCharacter(character)
  return `${quoted}"`
}

function quoteCharacter(character: string): string {
  const code = character.codePointAt(0) as number
  const letter = LETTERS.get(code)
  if (letter) return letter
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`
  if (PRINTABLE.test(character)) return character
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, '0')
}
