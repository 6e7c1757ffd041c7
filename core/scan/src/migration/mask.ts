/** A secret as a list may show it: its length and nothing else. Lists end up in logs of build machines. */
export function maskSecret(value: string): string {
  return value === '' ? '(empty)' : `•••••• (${Array.from(value).length})`
}

/** A plain value on one line: control characters as escapes, and no longer than `width` characters. */
export function previewPlain(value: string, width = 40): string {
  if (value === '') return '(empty)'
  const characters = Array.from(value.slice(0, width * 2 + 2), printable)
  const shown = characters.slice(0, width).join('')
  return characters.length > width ? `${shown.slice(0, width - 1)}…` : shown
}

/** Text that moves no cursor and starts no line: control and format characters become escapes. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escapeCharacter)
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
