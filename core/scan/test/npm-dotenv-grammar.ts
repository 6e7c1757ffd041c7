/**
 * The grammar that npm dotenv 18 reads by, as one backtracking expression: what a name, a separator and a value are. It is
 * fit for short texts only, and says what the reader without backtracking must find.
 */
const QUOTED = ["'", '"', '`'].map((mark) => String.raw`\s*${mark}(?:\\${mark}|[^${mark}])*${mark}`)
const VALUE = `(?<value>${[...QUOTED, String.raw`[^#\r\n]+`].join('|')})?`
const LINE = new RegExp(String.raw`^\s*(?:export\s+)?(?<name>[\w.-]+)(?:\s*=\s*?|:\s+?)${VALUE}\s*(?:#.*)?$`, 'gm')

/** The variables of a text, by that expression. */
export function readByExpression(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const match of text.replace(/\r\n?/g, '\n').matchAll(LINE)) {
    const { name = '', value = '' } = match.groups ?? {}
    const trimmed = value.trim()
    const bare = trimmed.replace(/^(['"`])([\s\S]*)\1$/gm, '$2')
    values.set(name, trimmed.startsWith('"') ? bare.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : bare)
  }
  return values
}
