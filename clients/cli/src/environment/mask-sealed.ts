import { REDACTED } from '@headgate/model'
import { end } from '../outcome.ts'

/**
 * A text with sealed values shown as `[secret]`. What is sealed gives nothing away, but it is long, looks like
 * something to copy, and hides the text around it.
 */
export function maskSealed(text: string): string {
  return text.replace(SEALED, REDACTED)
}

/** A sealed value as it stands in a text: `{ciphertext: …}` on one line, or `ciphertext: …` on a line of its own. */
const SEALED = /\{\s*"?ciphertext"?\s*:\s*[^{}\n]*\}|(?<=(?:^|\n)[ \t]*)"?ciphertext"?\s*:\s*\S+/g

/** Ends the command where a text that was shown to somebody comes back to be saved. */
export function refuseMasked(text: string): void {
  if (/fn::secret["']?\s*:\s*\[secret\]/.test(text)) end('TEXT_MASKED')
}
