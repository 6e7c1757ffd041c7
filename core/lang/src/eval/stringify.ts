import { NumberText } from '../text/number-text.ts'
import { quote } from '../text/quote.ts'
import type { Value } from './value.ts'

export interface Stringified {
  readonly text: string
  readonly unknown: boolean
  readonly secret: boolean
}

const UNKNOWN = '[unknown]'

/**
 * A value as text: scalars as they are, null as nothing, lists and objects as their quoted parts joined with commas.
 *
 * @param limit longest text wanted
 */
export function stringify(value: Value, limit: number): Stringified | 'too large' {
  const { repr, secret } = value
  if (value.unknown) return { text: UNKNOWN, unknown: true, secret }
  if (repr === null) return { text: '', unknown: false, secret }
  if (typeof repr === 'string') return repr.length > limit ? 'too large' : { text: repr, unknown: false, secret }
  if (typeof repr === 'boolean') return { text: repr ? 'true' : 'false', unknown: false, secret }
  if (repr instanceof NumberText) return { text: repr.text, unknown: false, secret }
  return stringifyParts(value, limit)
}

function stringifyParts(value: Value, limit: number): Stringified | 'too large' {
  const keys = value.isMap ? value.keys() : undefined
  const parts: string[] = []
  let unknown = false
  let secret = value.secret
  let size = 0
  for (const [i, child] of value.children().entries()) {
    const text = stringify(child, limit - size)
    if (text === 'too large') return text
    const quoted = quote(text.text)
    const part = keys ? `${quote(keys[i] as string)}=${quoted}` : quoted
    unknown ||= text.unknown
    secret ||= text.secret
    size += part.length + 1
    if (size > limit) return 'too large'
    parts.push(part)
  }
  return { text: parts.join(','), unknown, secret }
}
