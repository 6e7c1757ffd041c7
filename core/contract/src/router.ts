/**
 * The traffic router's table and its control API, as types. The router is a process of its own and imports these for
 * their shape only, so nothing it does at run time depends on this package. The two functions at the end are for
 * those who read its counters.
 */

/** One instance of a release that can be sent requests. */
export interface RouterUpstream {
  /** The instance. Unique in the table; its counters are kept under this name, also across tables. */
  readonly id: string
  /** The release it runs. */
  readonly release: string
  /** `host:port`; an IPv6 address in brackets. */
  readonly address: string
  /**
   * The share of its *release* among the releases of the service, a whole number from 0 to 100. Instances of one release carry the
   * same weight, which is not added up: two instances at 90 and one at 10 split 90 to 10. An instance at 0 gets no new request.
   */
  readonly weight: number
}

export interface RouterTimeouts {
  /** Until a connection to an instance stands; 2,000 when absent. */
  readonly connectMs?: number
  /** From the end of the request to the head of its response; 60,000 when absent, 0 for none. */
  readonly responseMs?: number
}

/** What answers a set of domains. */
export interface RouterService {
  readonly id: string
  /** Host names without port, in any case; `*.name` matches every name below it, `*` what nothing else matches. */
  readonly domains: readonly string[]
  readonly upstreams: readonly RouterUpstream[]
  readonly timeouts?: RouterTimeouts
}

export interface RouterTable {
  readonly services: readonly RouterService[]
}

/**
 * Who is commanding. Of each scope the router remembers the highest epoch it has seen, across restarts, and refuses a lower one, so an owner
 * that slept through the loss of its lease changes nothing.
 */
export interface RouterFence {
  readonly epoch: number
  /** What the epoch counts, for example a service's id where each run has a lease of its own; `table` when absent. */
  readonly scope?: string
}

export interface RouterPutTable extends RouterFence {
  readonly table: RouterTable
  /** The revision this table was made from; another one in force is a conflict. A router that never had a table is at 0. */
  readonly expectedRevision: number
}

export interface RouterDrainOrder extends RouterFence {
  readonly upstream: string
  /** How long requests in flight may still take. Those left are cut, which fails them. */
  readonly requestsMs: number
  /**
   * How long WebSockets and streams of events may stay before they are closed properly; counted from the start as well. Other streaming
   * responses, which can only be cut, have the longer of the two limits.
   */
  readonly connectionsMs: number
  /** The code WebSockets are closed with; 1012 (the service restarts) when absent. */
  readonly closeCode?: 1001 | 1012
}

export interface RouterDrained {
  readonly upstream: string
  /** `cancelled`: a table gave the upstream traffic again before it was empty. */
  readonly outcome: 'drained' | 'cancelled'
  /** What was still running when the drain began: ended by itself, or cut at the limit. */
  readonly requests: { readonly finished: number; readonly cut: number }
  /** WebSockets and streams: ended by themselves, closed properly at the limit, or cut because the other side did not answer the close. */
  readonly connections: { readonly finished: number; readonly closed: number; readonly cut: number }
  readonly tookMs: number
}

export interface RouterPauseOrder extends RouterFence {
  readonly service: string
  /** How long one request is held before it is answered 503; 30,000 when absent. */
  readonly holdMs?: number
  /** When the pause ends by itself, in case its owner never comes back; 300,000 when absent. */
  readonly lastMs?: number
}

export interface RouterResumeOrder extends RouterFence {
  readonly service: string
}

/** Cumulative since the router started, never falling: subtract two readings of one run for a window. */
export interface RouterCounters {
  /** Attempts given to this upstream, answered or not. */
  readonly requests: number
  /** Responses by class; `1xx` counts upgrades (101). */
  readonly responses: {
    readonly '1xx': number
    readonly '2xx': number
    readonly '3xx': number
    readonly '4xx': number
    readonly '5xx': number
  }
  readonly errors: {
    /** No connection could be made; the request went on to another upstream if there was one. */
    readonly refused: number
    /** No connection, or no response head, in time. */
    readonly timeout: number
    /** The connection ended, or what came was not HTTP, before a response head. */
    readonly reset: number
    /** The connection ended inside a response. */
    readonly truncated: number
  }
  /** The client went away first; neither an error nor an answer. */
  readonly aborted: number
  readonly bytes: { readonly request: number; readonly response: number }
  /** WebSockets: opened, closed by a drain with a code, ended without a closing handshake. */
  readonly websockets: { readonly opened: number; readonly closed: number; readonly cut: number }
  /** Responses by the time to their head; one more entry than there are bounds, the last for everything slower. */
  readonly latency: readonly number[]
}

export interface RouterUpstreamStatus {
  readonly id: string
  readonly service: string
  readonly release: string
  readonly address: string
  /** `serving`: gets requests. `idle`: in the table at weight 0. `draining` and `leaving`: still holds work, with and without a drain. `gone`: only counters are left. */
  readonly state: 'serving' | 'idle' | 'draining' | 'leaving' | 'gone'
  readonly weight: number
  /** Requests whose response is not complete, streams included. */
  readonly inFlight: number
  /** Open WebSockets. */
  readonly websockets: number
  /** The last attempt could not connect, and it is passed over for a moment. */
  readonly unreachable: boolean
  readonly counters: RouterCounters
}

export interface RouterStatus {
  /** This run of the router; counters of different runs must not be subtracted. */
  readonly run: string
  readonly pid: number
  /** The process's start time as the kernel states it, which with the pid names a process for good; empty off Linux. */
  readonly startTime: string
  readonly startedAt: string
  readonly version: string
  readonly host: string
  readonly port: number
  readonly stopping: boolean
  readonly revision: number
  readonly table: RouterTable
  /** The table in force: none was ever put, stored as it should be, `previous` in place of a damaged one, `lost` when both copies are damaged. */
  readonly tableSource: 'none' | 'stored' | 'previous' | 'lost'
  /** What was wrong with the stored table when this run started, in a sentence; absent when it was whole. */
  readonly damage?: string
  /** The highest epoch seen, by scope. */
  readonly epochs: Readonly<Record<string, number>>
  readonly paused: readonly { readonly service: string; readonly until: string; readonly held: number }[]
  /** Upper bounds of the latency buckets, in milliseconds. */
  readonly latencyBoundsMs: readonly number[]
  readonly upstreams: readonly RouterUpstreamStatus[]
  /** Answers of the router's own, by reason; no application sent them. */
  readonly refusals: Readonly<Record<string, number>>
}

/** An answer of the control API that is a refusal. */
export interface RouterRefusal {
  readonly code: RouterErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, string | number>>
  /** For `table-invalid`: every fault found, each with its place. */
  readonly problems?: readonly string[]
}

export type RouterErrorCode =
  /** No control token, or not this router's. */
  | 'unauthorised'
  /** Not a request of this API. */
  | 'request-invalid'
  /** The table contradicts itself; `problems` lists the places. */
  | 'table-invalid'
  /** Another revision is in force; `details.revision` names it. */
  | 'stale-revision'
  /** A higher epoch was seen; `details.epoch` names it. */
  | 'fenced'
  /** A drain of an upstream which the table still gives traffic. */
  | 'upstream-in-use'
  /** The table has no such service. */
  | 'service-unknown'
  /** The table could not be written to disk; the one before stays in force. */
  | 'not-stored'
  /** The router is going down. */
  | 'stopping'
  /** A bug of the router's own; its log says more. */
  | 'internal'
  /** Nothing answers at the control address. */
  | 'unreachable'
  /** Another router runs on this state folder. */
  | 'already-running'
  /** The router of this state folder runs on another port than the one asked for. */
  | 'port-differs'
  /** Something else listens on the port. */
  | 'port-taken'
  /** The router's process ended before it was ready; the message quotes the end of its log. */
  | 'start-failed'

/** The difference of two readings of one upstream. */
export interface RouterTraffic {
  readonly requests: number
  readonly responses: RouterCounters['responses']
  readonly errors: RouterCounters['errors']
  readonly aborted: number
  readonly latency: readonly number[]
}

/** The traffic between two readings, or undefined where the router was started anew in between and nothing can be said. */
export function trafficBetween(
  before: { readonly run: string; readonly counters: RouterCounters },
  after: { readonly run: string; readonly counters: RouterCounters },
): RouterTraffic | undefined {
  if (before.run !== after.run) return undefined
  const [a, b] = [before.counters, after.counters]
  return {
    requests: b.requests - a.requests,
    responses: {
      '1xx': b.responses['1xx'] - a.responses['1xx'],
      '2xx': b.responses['2xx'] - a.responses['2xx'],
      '3xx': b.responses['3xx'] - a.responses['3xx'],
      '4xx': b.responses['4xx'] - a.responses['4xx'],
      '5xx': b.responses['5xx'] - a.responses['5xx'],
    },
    errors: {
      refused: b.errors.refused - a.errors.refused,
      timeout: b.errors.timeout - a.errors.timeout,
      reset: b.errors.reset - a.errors.reset,
      truncated: b.errors.truncated - a.errors.truncated,
    },
    aborted: b.aborted - a.aborted,
    latency: b.latency.map((count, bucket) => count - (a.latency[bucket] ?? 0)),
  }
}

/**
 * The upper bound of the bucket in which the quantile lies, in milliseconds: never less than the true value. Infinity when it lies beyond
 * the last bound, undefined when nothing was counted.
 *
 * @param quantile from 0 to 1, for example 0.95
 */
export function latencyQuantile(latency: readonly number[], boundsMs: readonly number[], quantile: number): number | undefined {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const rank = Math.max(1, Math.ceil(total * quantile))
  let seen = 0
  for (const [bucket, count] of latency.entries()) {
    seen += count
    if (seen >= rank) return boundsMs[bucket] ?? Number.POSITIVE_INFINITY
  }
  return Number.POSITIVE_INFINITY
}
