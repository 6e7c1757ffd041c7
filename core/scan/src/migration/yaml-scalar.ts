/** Strings as the environment language reads them back, character for character. */

/** A YAML double-quoted scalar on one line. Everything a reader might change or refuse is an escape. */
export function quoteYaml(text: string): string {
  return `"${text.replace(/["\\]|[^\x20-\x7e\u{a1}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|[\u{2028}\u{2029}\u{feff}]/gu, escapeForYaml)}"`
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeForYaml(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short) return short
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Names that YAML, in any version, takes for something else than a string when they stand bare. */
const NOT_STRINGS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n'])

/** A variable's name as a key. */
export function yamlKey(name: string): string {
  return NOT_STRINGS.has(name.toLowerCase()) ? quoteYaml(name) : name
}

/**
 * A text that the language reads as just this text: a `$` is doubled where it would start an escape or a reference.
 * Every other `$` stays, so that what a person reads is what they wrote.
 */
export function escapeInterpolation(text: string): string {
  return text.replace(/\$(?=[${])/g, '$$$$')
}

/** A comment's text on one line, without what YAML does not allow in it. */
export function commentText(text: string): string {
  return text.replace(/[^\x20-\x7e\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|[\u{2028}\u{2029}\u{feff}]/gu, ' ').trimEnd()
}
