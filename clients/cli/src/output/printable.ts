/**
 * Text of others as it may stand on a terminal: characters that steer a terminal are shown instead of sent, so a
 * value or a name cannot move the cursor, rewrite lines or turn the direction of reading.
 *
 * @param keep `lines` leaves line ends and tabs alone
 */
export function printable(text: string, keep: 'nothing' | 'lines' = 'nothing'): string {
  return text.replace(STEERING, (character) => {
    if (keep === 'lines' && (character === '\n' || character === '\t')) return character
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    if (character === '\t') return '\\t'
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
}

// C0, DEL, C1, and the marks that change the direction of text.
// oxlint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
