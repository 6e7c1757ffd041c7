/** White space and line ends as JavaScript's regular expressions have them (`\s`, `^`), which is what npm dotenv reads with. */

const NEXT_PAGE = 0x1680

export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13)
  if (code < 0xa0) return false
  if (code < NEXT_PAGE) return code === 0xa0
  return (
    code === NEXT_PAGE ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  )
}

/** Line ends in a text without carriage returns; U+2028 and U+2029 are among them. */
export function isLineEnd(code: number): boolean {
  return code === 10 || code === 0x2028 || code === 0x2029
}

/** The first position at or behind `from` that holds no white space. */
export function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

/** Like `skipSpace`, but it stops at a line end. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at)) && !isLineEnd(text.charCodeAt(at))) at++
  return at
}

/** The first line end at or behind `from`, or the end of the text. */
export function lineEndFrom(text: string, from: number): number {
  let at = from
  while (at < text.length && !isLineEnd(text.charCodeAt(at))) at++
  return at
}
