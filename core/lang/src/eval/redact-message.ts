import { REDACTED } from '@headgate/model'
import type { ExportedValue } from './exported-value.ts'

/**
 * Shorter secrets are left in messages: replacing them would turn common words and numbers into riddles, and tell by
 * where it happens what the secret is.
 */
const SHORTEST = 8

/** A message from outside without the secret texts that were handed out to whoever wrote it. */
export function redactMessage(message: string, given: readonly (ExportedValue | undefined)[]): string {
  let redacted = message
  for (const value of given) if (value) redacted = withoutSecrets(redacted, value)
  return redacted
}

function withoutSecrets(message: string, { value, secret }: ExportedValue): string {
  if (typeof value === 'string') return secret && value.length >= SHORTEST ? message.replaceAll(value, REDACTED) : message
  if (value === null || typeof value !== 'object' || !('values' in value)) return message
  let redacted = message
  for (const part of value.values()) redacted = withoutSecrets(redacted, part)
  return redacted
}
