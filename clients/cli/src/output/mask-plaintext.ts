import { REDACTED } from '@headgate/model'

const CALL = /^(?<before>(?<indent>[ \t]*)(?:[^#\n]*?[\s{["']|)fn::secret["']?[ \t]*:)(?<gap>[ \t]*)(?<rest>.*)$/
const SEALED = /^\{\s*["']?ciphertext["']?\s*:/

/**
 * A text as its lines may be quoted in a message: what stands in the clear behind `fn::secret` is masked, line by line,
 * so that places stay where they are. Works on texts that are no YAML (yet), so it goes by lines: what belongs to a
 * call is the rest of its line and every line behind that is indented deeper.
 */
export function maskPlaintext(text: string): string {
  let inside: number | undefined
  return text
    .split('\n')
    .map((line) => {
      const indent = /^[ \t]*/.exec(line)?.[0] ?? ''
      if (inside !== undefined && (line.trim() === '' || indent.length > inside)) return line.trim() === '' ? line : indent + REDACTED
      inside = undefined
      const call = CALL.exec(line)?.groups
      if (!call || SEALED.test(call['rest'] ?? '')) return line
      inside = (call['indent'] ?? '').length
      const { before = '', gap = '', rest = '' } = call
      return /^(#.*)?$/.test(rest) ? line : `${before}${gap}${REDACTED}`
    })
    .join('\n')
}
