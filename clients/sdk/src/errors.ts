import { type ErrorCode, type Problem, describeError } from '@headgate/model'

type Details = Readonly<Record<string, string | number>>
type Description = { readonly message: string; readonly hint?: string }

/** What the SDK throws: at `connect`, and at a read that cannot be answered. It never holds a token or a value. */
export class ConfigurationError extends Error {
  readonly code: ErrorCode
  readonly details: Details
  readonly hint?: string

  constructor(code: ErrorCode, details: Details = {}, { message, hint }: Description = describeError(code, details)) {
    super(hint === undefined ? message : `${message} (try: ${hint})`)
    this.name = 'ConfigurationError'
    this.code = code
    this.details = details
    if (hint !== undefined) this.hint = hint
  }
}

/** A refusal of the plane as the exception a caller of `connect` sees: its code and words stay the plane's. */
export function errorOf(problem: Problem): ConfigurationError {
  return new ConfigurationError(problem.code, problem.details, problem)
}
