import { REDACTED } from '@headgate/model'
import type { Json } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import type { Value } from './value.ts'

/** What stands for a value that is not known. */
export const UNKNOWN_TEXT = '[unknown]'

/** A value as plain JSON: inherited properties included, unknowns as `[unknown]`, with `redact` secrets as `[secret]`. */
export function plainJson(value: Value, redact: boolean): Json {
  if (redact && value.secret) return REDACTED
  if (value.unknown) return UNKNOWN_TEXT
  const { repr } = value
  if (repr === null || typeof repr !== 'object' || repr instanceof NumberText) return repr
  if (Array.isArray(repr)) return (repr as readonly Value[]).map((element) => plainJson(element, redact))
  const entries = new Map<string, Json>()
  for (const key of value.keys()) entries.set(key, plainJson(value.property(key) as Value, redact))
  return entries
}
