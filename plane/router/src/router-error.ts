import type { RouterErrorCode, RouterRefusal } from '@headgate/contract'

/** The router said no, or could not be asked. Thrown by its client, and inside it by whatever carries out a command. */
export class RouterError extends Error {
  readonly code: RouterErrorCode
  readonly details: Readonly<Record<string, string | number>>
  /** For `table-invalid`: every fault found. */
  readonly problems: readonly string[]

  constructor(refusal: RouterRefusal, options?: ErrorOptions) {
    super(refusal.problems?.length ? `${refusal.message}: ${refusal.problems.join('; ')}` : refusal.message, options)
    this.name = 'RouterError'
    this.code = refusal.code
    this.details = refusal.details ?? {}
    this.problems = refusal.problems ?? []
  }
}

/** Shorthand for the common refusal: a code, a sentence, and what a program may want to read. */
export function refused(code: RouterErrorCode, message: string, details: Readonly<Record<string, string | number>> = {}): RouterError {
  return new RouterError({ code, message, details })
}
