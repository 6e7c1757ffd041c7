/**
 * The error catalogue: every code Headgate can answer with, by area.
 *
 * To add a code: put it in its area's file, then describe it in docs/reference/errors.md (a test compares the two).
 * A retired code is never used again.
 */
import { accessErrors } from './access.ts'
import { clientErrors } from './client.ts'
import { environmentErrors } from './environment.ts'
import type { ErrorEntry } from './entry.ts'
import { generalErrors } from './general.ts'
import { languageErrors } from './language.ts'
import { migrationErrors } from './migration.ts'
import { releaseErrors } from './release.ts'
import { storageErrors } from './storage.ts'

export const errorCatalogue = {
  ...generalErrors,
  ...accessErrors,
  ...clientErrors,
  ...environmentErrors,
  ...languageErrors,
  ...migrationErrors,
  ...releaseErrors,
  ...storageErrors,
}

export type ErrorCode = keyof typeof errorCatalogue

/** The entry of a code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return errorCatalogue[code]
}

/** The sentence and the hint of an error, its places filled in. A place without a detail is a bug and stays visible. */
export function describeError(code: ErrorCode, details: Readonly<Record<string, string | number>>): { message: string; hint?: string } {
  const entry = errorEntry(code)
  const message = fill(entry.message, details)
  return entry.hint === undefined ? { message } : { message, hint: fill(entry.hint, details) }
}

function fill(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => (name in details ? String(details[name]) : place))
}
