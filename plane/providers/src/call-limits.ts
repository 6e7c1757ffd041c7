import {
  BrokenCircuitError,
  BulkheadRejectedError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  ExponentialBackoff,
  type IPolicy,
  TaskCancelledError,
  TimeoutStrategy,
  bulkhead,
  circuitBreaker,
  handleWhen,
  retry,
  timeout,
  wrap,
} from 'cockatiel'
import { SourceFault } from './outside-source.ts'

export interface CallLimitSettings {
  /** How long one attempt may take, in ms. */
  readonly attemptMs: number
  /** How often a call is tried again after a passing fault. */
  readonly retries: number
  /** Faults in a row after which a place is left alone. */
  readonly breakAfter: number
  /** How long it is left alone, in ms. */
  readonly breakMs: number
  /** Calls under way at a time, and how many wait. */
  readonly atATime: number
  readonly waiting: number
}

export const CALL_LIMITS: CallLimitSettings = { attemptMs: 10_000, retries: 2, breakAfter: 5, breakMs: 10_000, atATime: 32, waiting: 512 }

/** Time-outs, retries, a circuit breaker for each place, and one bound on how many calls are under way. */
export interface CallLimits {
  /**
   * Runs a call to `place` (an origin) within the limits.
   *
   * @throws SourceFault
   */
  run<T>(place: string, call: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>
}

/** Only passing faults and attempts that ran out of time are tried again, and count against a place. */
const passing = handleWhen((error) => error instanceof TaskCancelledError || (error instanceof SourceFault && error.passing))

export function callLimits(settings: CallLimitSettings = CALL_LIMITS): CallLimits {
  const gate = bulkhead(settings.atATime, settings.waiting)
  const places = new Map<string, { readonly breaker: CircuitBreakerPolicy; readonly policy: IPolicy }>()

  const placeOf = (place: string) => {
    const known = places.get(place)
    if (known) return known
    const breaker = circuitBreaker(passing, {
      halfOpenAfter: settings.breakMs,
      breaker: new ConsecutiveBreaker(settings.breakAfter),
    })
    const again = retry(passing, { maxAttempts: settings.retries, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1000 }) })
    const policy = wrap(gate, again, breaker, timeout(settings.attemptMs, TimeoutStrategy.Aggressive))
    const made = { breaker, policy }
    places.set(place, made)
    return made
  }

  return {
    async run(place, call, signal) {
      try {
        return await placeOf(place).policy.execute(({ signal: inner }) => call(inner), signal)
      } catch (error) {
        signal?.throwIfAborted()
        throw inWords(error, place, settings)
      }
    },
  }
}

function inWords(error: unknown, place: string, settings: CallLimitSettings): unknown {
  if (error instanceof TaskCancelledError)
    return new SourceFault(`${place} did not answer within ${settings.attemptMs / 1000} s`, { passing: true })
  if (error instanceof BrokenCircuitError)
    return new SourceFault(`${place} failed ${settings.breakAfter} times in a row and is left alone for ${settings.breakMs / 1000} s`)
  if (error instanceof BulkheadRejectedError)
    return new SourceFault(`too many calls to outside sources are under way; try again in a moment`)
  return error
}
