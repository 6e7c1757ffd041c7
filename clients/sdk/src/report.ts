/** What the SDK has to say besides values. Each is a state somebody should know of; none holds a token or a value. */
export type NoticeCode =
  /** Values come from the sealed copy, because the plane could not be asked. */
  | 'fallback-used'
  /** Values come from `.env` files. */
  | 'dotenv-used'
  /** Values come from the variables of the process alone. */
  | 'environment-used'
  /** Values come from the plane again. */
  | 'plane-used'
  /** The copy on disk was not used: too old, tampered with, rolled back, of another token. */
  | 'fallback-refused'
  /** No copy can be written, so there is no safety net. */
  | 'fallback-unwritable'
  /** The plane refused the token or the environment. Nothing is kept for later then. */
  | 'access-refused'
  /** The copy on disk should be gone after a refusal, but cannot be deleted. */
  | 'fallback-undeletable'
  /** The plane could not be asked again; the values at hand stay. */
  | 'refresh-failed'
  /** The plane answered with an older revision than the one at hand, which stays. */
  | 'revision-behind'
  /** A new revision does not fit the schema; the values at hand stay. */
  | 'schema-refused'
  | 'watch-lost'
  | 'watch-restored'
  /** A listener of the program threw. */
  | 'listener-failed'
  /** The token would travel unencrypted to another machine. */
  | 'address-insecure'

export interface Notice {
  readonly code: NoticeCode
  readonly level: 'info' | 'warning'
  readonly message: string
  /** What a listener threw. It is the program's own and may say anything, so it is never printed by the SDK. */
  readonly error?: unknown
}

export type Report = (notice: Notice) => void

/** The default: one line on standard error for each. */
export function reportOnStandardError(notice: Notice): void {
  process.stderr.write(`headgate: ${notice.message}\n`)
}

/** A report that cannot take the configuration down with it when the program's own function throws. */
export function guarded(report: Report): Report {
  return (notice) => {
    try {
      report(notice)
    } catch {
      reportOnStandardError(notice)
    }
  }
}
