/** The value that a matched piece of text stands for, as npm dotenv works it out. */

/** Trims, takes the quotes off, and expands `\n` and `\r` where the text starts with a double quote. */
export function unquote(matched: string): string {
  const trimmed = matched.trim()
  const bare = withoutQuotes(trimmed)
  return trimmed.startsWith('"') ? expandLineEnds(bare) : bare
}

/**
 * Takes off a quote at the start of a line together with the last equal quote at the end of a line.
 *
 * Lines count because dotenv's expression has them count; in practice there is one, and the pair encloses the value.
 */
function withoutQuotes(text: string): string {
  const last = lastQuotesAtLineEnds(text)
  if (Object.values(last).every((at) => at < 1)) return text
  let result = ''
  let copied = 0
  let at = 0
  while (at < text.length) {
    const close = last[text[at] as Quote] ?? -1
    if (close > at) {
      result += text.slice(copied, at) + text.slice(at + 1, close)
      copied = close + 1
      at = close + 1
      if (at < text.length) at = nextLineStart(text, at)
    } else {
      at = nextLineStart(text, at)
    }
  }
  return result + text.slice(copied)
}

type Quote = "'" | '"' | '`'

function lastQuotesAtLineEnds(text: string): Record<Quote, number> {
  const last: Record<Quote, number> = { "'": -1, '"': -1, '`': -1 }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character !== "'" && character !== '"' && character !== '`') continue
    if (at + 1 === text.length || endsLine(text.charCodeAt(at + 1))) last[character] = at
  }
  return last
}

function nextLineStart(text: string, from: number): number {
  let at = from
  while (at < text.length && !endsLine(text.charCodeAt(at))) at++
  return at + 1
}

function endsLine(code: number): boolean {
  return code === 10 || code === 13 || code === 0x2028 || code === 0x2029
}

function expandLineEnds(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : text
}
