import type { RouterCounters } from '@headgate/contract'

/** Upper bounds of the latency buckets in milliseconds: steps of at most a third, so a quantile read from them is at most that far off. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1_000, 1_200, 1_500, 2_000,
  2_500, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 15_000, 20_000, 30_000, 60_000,
]

export type UpstreamFailure = 'refused' | 'timeout' | 'reset' | 'truncated'

/** What happened at one upstream since the router started. Only ever grows. */
export class Counters {
  requests = 0
  aborted = 0
  requestBytes = 0
  responseBytes = 0
  readonly websockets = { opened: 0, closed: 0, cut: 0 }
  readonly errors = { refused: 0, timeout: 0, reset: 0, truncated: 0 }
  /** By the first digit of the status. */
  readonly #classes = [0, 0, 0, 0, 0, 0]
  readonly #latency: number[] = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0)

  answered(status: number, tookMs: number): void {
    // A status beyond 5xx is legal on the wire and means a failure of the application.
    const digit = Math.min(Math.trunc(status / 100), 5)
    this.#classes[digit] = (this.#classes[digit] ?? 0) + 1
    const bucket = bucketOf(tookMs)
    this.#latency[bucket] = (this.#latency[bucket] ?? 0) + 1
  }

  snapshot(): RouterCounters {
    const [, informational = 0, success = 0, redirection = 0, client = 0, server = 0] = this.#classes
    return {
      requests: this.requests,
      responses: { '1xx': informational, '2xx': success, '3xx': redirection, '4xx': client, '5xx': server },
      errors: { ...this.errors },
      aborted: this.aborted,
      bytes: { request: this.requestBytes, response: this.responseBytes },
      websockets: { ...this.websockets },
      latency: [...this.#latency],
    }
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(ms: number): number {
  let low = 0
  let high = LATENCY_BOUNDS_MS.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((LATENCY_BOUNDS_MS[middle] as number) < ms) low = middle + 1
    else high = middle
  }
  return low
}
