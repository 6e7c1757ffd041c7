import type { UpstreamFailure } from './counters.ts'
import type { RefusalReason } from './refusal.ts'

/** What became of an attempt that brought no response. */
export interface AttemptFailure {
  /** What the client is told when it cannot be tried again. */
  readonly reason: RefusalReason
  /** Under what the upstream's counters have it; absent where it is not the instance's doing. */
  readonly counted?: UpstreamFailure
  /** Whether no byte of the request was sent, so that it may go to another instance, or to the same one on another connection. */
  readonly retry: 'elsewhere' | 'again' | 'no'
}

/**
 * Reads undici's and Node's errors, the only place where their codes are looked at.
 *
 * @param attempt.sent bytes of the request were handed to a connection
 */
export function failureOf(error: Error, attempt: { readonly sent: boolean; readonly bodyless: boolean }): AttemptFailure {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED' || code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return { reason: 'request-invalid', retry: 'no' }
  }
  if (!attempt.sent && code === 'CONNECT_TIMEOUT') return { reason: 'connect-timeout', counted: 'timeout', retry: 'elsewhere' }
  if (!attempt.sent) return { reason: 'unreachable', counted: 'refused', retry: 'elsewhere' }
  // The kernel takes a head without body whole or not at all. When the write itself fails, an idle connection had ended, and not at all is the case.
  if (attempt.bodyless && syscall === 'write') return { reason: 'upstream-reset', retry: 'again' }
  const invalid = error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW'
  return { reason: invalid ? 'upstream-invalid' : 'upstream-reset', counted: 'reset', retry: 'no' }
}
