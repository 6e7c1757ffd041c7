/** What kind of traffic a worker makes. */
export type LoadKind = 'keepAlive' | 'connections' | 'uploads' | 'streams' | 'events' | 'webSockets'
export const LOAD_KINDS: readonly LoadKind[] = ['keepAlive', 'connections', 'uploads', 'streams', 'events', 'webSockets']

export interface KindReport {
  readonly requests: number
  readonly failed: number
}

/** One failed request, with where and why. */
export interface FailureSample {
  readonly at: string
  readonly kind: LoadKind
  /** Which of the kind's workers, so which connection. */
  readonly worker: number
  readonly reason: string
  readonly detail: string
}

/** What the load met. `failed` is the blueprint's: refused, reset, truncated, timed out, or a 5xx that no application sent. */
export interface LoadReport {
  readonly requests: number
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
  /** 5xx that the application sent: not failed, but counted apart. */
  readonly applicationErrors: number
  readonly statuses: Readonly<Record<string, number>>
  /** By the value of the label header, where one was asked for: which release answered. */
  readonly labels: Readonly<Record<string, { readonly requests: number; readonly applicationErrors: number }>>
  readonly kinds: Readonly<Record<LoadKind, KindReport>>
  /** WebSockets by how they ended: the close code, or `cut`. */
  readonly webSocketEnds: Readonly<Record<string, number>>
  /** To the end of the response, of those that did not fail. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  readonly tookMs: number
  /** The first failures. */
  readonly samples: readonly FailureSample[]
}

const SAMPLES = 20
/** Latencies kept for the quantiles; beyond it, each new one replaces an old one at random. */
const LATENCIES = 20_000

/** Counts. Every request a worker makes ends in exactly one call: `answered`, `failed`, or `abandoned` (not counted: the load was over). */
export class Tally {
  readonly #began = performance.now()
  readonly #kinds = Object.fromEntries(LOAD_KINDS.map((kind) => [kind, { requests: 0, failed: 0 }])) as Record<
    LoadKind,
    { requests: number; failed: number }
  >
  readonly #failures = new Map<string, number>()
  readonly #statuses = new Map<string, number>()
  readonly #labels = new Map<string, { requests: number; applicationErrors: number }>()
  readonly #ends = new Map<string, number>()
  readonly #latencies: number[] = []
  readonly #samples: FailureSample[] = []
  #measured = 0
  #slowest = 0
  #requests = 0
  #failed = 0
  #applicationErrors = 0

  get requests(): number {
    return this.#requests
  }

  answered(kind: LoadKind, answer: { readonly status: number; readonly label?: string | undefined; readonly tookMs: number }): void {
    this.#count(kind)
    add(this.#statuses, String(answer.status))
    const applicationError = answer.status >= 500
    if (applicationError) this.#applicationErrors += 1
    if (answer.label !== undefined) {
      const label = this.#labels.get(answer.label) ?? { requests: 0, applicationErrors: 0 }
      label.requests += 1
      if (applicationError) label.applicationErrors += 1
      this.#labels.set(answer.label, label)
    }
    this.#measure(answer.tookMs)
  }

  failed(kind: LoadKind, worker: number, reason: string, detail = ''): void {
    this.#count(kind)
    this.#failed += 1
    this.#kinds[kind].failed += 1
    add(this.#failures, reason)
    if (this.#samples.length < SAMPLES) this.#samples.push({ at: new Date().toISOString(), kind, worker, reason, detail })
  }

  webSocketEnded(how: string): void {
    add(this.#ends, how)
  }

  report(): LoadReport {
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const quantile = (q: number): number => round(sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0)
    return {
      requests: this.#requests,
      failed: this.#failed,
      failures: Object.fromEntries(this.#failures),
      applicationErrors: this.#applicationErrors,
      statuses: Object.fromEntries(this.#statuses),
      labels: Object.fromEntries([...this.#labels].map(([label, counts]) => [label, { ...counts }])),
      kinds: structuredClone(this.#kinds),
      webSocketEnds: Object.fromEntries(this.#ends),
      latencyMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: round(this.#slowest) },
      tookMs: Math.round(performance.now() - this.#began),
      samples: [...this.#samples],
    }
  }

  #count(kind: LoadKind): void {
    this.#requests += 1
    this.#kinds[kind].requests += 1
  }

  #measure(tookMs: number): void {
    this.#measured += 1
    this.#slowest = Math.max(this.#slowest, tookMs)
    if (this.#latencies.length < LATENCIES) this.#latencies.push(tookMs)
    else if (Math.random() < LATENCIES / this.#measured) this.#latencies[Math.trunc(Math.random() * LATENCIES)] = tookMs
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
