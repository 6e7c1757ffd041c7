import type { Thresholds } from '@headgate/model'

/** What the router counted of one release's instances of one service, since it started counting. */
export interface Reading {
  /** Changes when the counters began again at zero: readings of two generations cannot be compared. */
  readonly generation: string
  /** Upper bounds of the latency buckets in milliseconds, the same for every upstream. */
  readonly boundsMs: readonly number[]
  /** By the name of the upstream. One that is missing in the earlier reading began in between, at zero. */
  readonly upstreams: Readonly<Record<string, Counts>>
}

export interface Counts {
  /** Requests that came to an end, one way or the other. */
  readonly requests: number
  /** Answers of 500 and above, and requests that got none. */
  readonly errors: number
  /** By latency bucket: one entry more than there are bounds, the last for everything slower. */
  readonly latency: readonly number[]
}

/** `inconclusive`: the evidence does not carry a verdict. It never counts as a pass. */
export type Outcome = 'pass' | 'fail' | 'inconclusive'

export interface Verdict {
  readonly outcome: Outcome
  /** Why, one sentence each: what failed, or what is missing. Empty for a pass. */
  readonly reasons: readonly string[]
  readonly evidence: Evidence
}

export interface Evidence {
  readonly requests: number
  readonly errors: number
  /** Absent where nothing was counted. */
  readonly errorRate?: number
  readonly latencyP95Ms?: number
}

/** With fewer requests than this no release passes; more failures than the limit allows of this many condemn it earlier. */
export const REQUESTS_FOR_A_VERDICT = 20

/** Judges what happened between two readings of the same counters. */
export function judge(thresholds: Thresholds, before: Reading, after: Reading): Verdict {
  const window = between(before, after)
  if (window === undefined) return inconclusive('the counters began again in between', { requests: 0, errors: 0 })
  const { requests, errors } = window
  if (requests === 0) return inconclusive('no request reached it', { requests, errors })

  const latencyP95Ms = quantile(window.latency, after.boundsMs, 0.95)
  const evidence: Evidence = { requests, errors, errorRate: errors / requests, ...(latencyP95Ms === undefined ? {} : { latencyP95Ms }) }
  const failures = failuresOf(thresholds, evidence)
  if (failures.length > 0) return { outcome: 'fail', reasons: failures, evidence }
  if (requests < REQUESTS_FOR_A_VERDICT) {
    return inconclusive(`only ${requests} of the ${REQUESTS_FOR_A_VERDICT} requests a verdict needs reached it`, evidence)
  }
  if (thresholds.latencyP95Ms !== undefined && latencyP95Ms === undefined) return inconclusive('no latency was counted', evidence)
  return { outcome: 'pass', reasons: [], evidence }
}

/** One verdict of several services that live or go back as one: the worst of them. No service, no verdict. */
export function worstOf(verdicts: readonly Verdict[]): Outcome {
  if (verdicts.some((verdict) => verdict.outcome === 'fail')) return 'fail'
  return verdicts.length > 0 && verdicts.every((verdict) => verdict.outcome === 'pass') ? 'pass' : 'inconclusive'
}

function failuresOf(thresholds: Thresholds, { requests, errors, latencyP95Ms }: Evidence): string[] {
  const failures: string[] = []
  const enough = requests >= REQUESTS_FOR_A_VERDICT
  // Even if everything up to a verdict's worth of requests went well from here, the limit would be broken.
  if (thresholds.errorRate !== undefined && errors / Math.max(requests, REQUESTS_FOR_A_VERDICT) > thresholds.errorRate) {
    failures.push(`${errors} of ${requests} requests failed (${percent(errors / requests)}), at most ${percent(thresholds.errorRate)} may`)
  }
  if (thresholds.latencyP95Ms !== undefined && enough && latencyP95Ms !== undefined && latencyP95Ms > thresholds.latencyP95Ms) {
    const p95 = Number.isFinite(latencyP95Ms) ? `${Math.round(latencyP95Ms)} ms` : 'beyond the longest that is counted'
    failures.push(`the 95th percentile of latency is ${p95}, at most ${thresholds.latencyP95Ms} ms is allowed`)
  }
  return failures
}

function inconclusive(reason: string, evidence: Evidence): Verdict {
  return { outcome: 'inconclusive', reasons: [reason], evidence }
}

/** What was counted in between, all upstreams together; undefined where a counter fell, so that nothing can be said. */
function between(before: Reading, after: Reading): Counts | undefined {
  if (before.generation !== after.generation) return undefined
  let requests = 0
  let errors = 0
  const latency = [...after.boundsMs, 0].map(() => 0)
  for (const [name, counts] of Object.entries(after.upstreams)) {
    const start = before.upstreams[name]
    if (start !== undefined && counts.requests < start.requests) return undefined
    requests += counts.requests - (start?.requests ?? 0)
    errors += counts.errors - (start?.errors ?? 0)
    for (const [bucket, count] of counts.latency.entries()) latency[bucket] = (latency[bucket] ?? 0) + count - (start?.latency[bucket] ?? 0)
  }
  return { requests, errors, latency }
}

/**
 * A quantile of bucketed latencies, interpolated inside its bucket; infinite where it lies beyond the last bound,
 * undefined where nothing was counted.
 */
export function quantile(latency: readonly number[], boundsMs: readonly number[], q: number): number | undefined {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total <= 0) return undefined
  const rank = q * total
  let below = 0
  for (const [index, count] of latency.entries()) {
    if (count > 0 && below + count >= rank) {
      const upper = boundsMs[index]
      if (upper === undefined) return Number.POSITIVE_INFINITY
      const lower = index === 0 ? 0 : (boundsMs[index - 1] ?? 0)
      return lower + ((upper - lower) * (rank - below)) / count
    }
    below += count
  }
  return Number.POSITIVE_INFINITY
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}
