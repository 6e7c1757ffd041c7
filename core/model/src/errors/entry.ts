/**
 * One line of the catalogue.
 *
 * `status` is the HTTP status where the error reaches a client of the native API. `message` and `hint` may hold
 * `{name}` places, filled from the details of the occurrence; details never hold a secret.
 */
export interface ErrorEntry {
  readonly status: number
  readonly message: string
  readonly hint?: string
}

/** Keeps the keys of an area's entries as literal types, so that an unknown code does not compile. */
export function defineErrors<const T extends Record<string, ErrorEntry>>(entries: T): T {
  return entries
}
