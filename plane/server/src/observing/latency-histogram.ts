/** The times of one kind of request. */
interface Times {
  /** How many fell into each bucket, the last being for what is longer than all. */
  readonly counts: number[]
  sum: number
}

/**
 * How long requests take, by method, route and status, in the text format of Prometheus. Every request passes here, and a
 * general histogram's way to the times of its labels costs more than all the rest of noting them.
 */
export class LatencyHistogram {
  readonly #name: string
  readonly #help: string
  readonly #buckets: readonly number[]
  /** By route, then by status, then by method: what there is of each is known beforehand, and never a name somebody chose. */
  readonly #times = new Map<string, Map<number, Map<string, Times>>>()

  /** @param buckets their upper bounds in seconds, rising */
  constructor(name: string, help: string, buckets: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#buckets = buckets
  }

  observe(method: string, route: string, status: number, seconds: number): void {
    const times = this.#times.get(route)?.get(status)?.get(method) ?? this.#begin(method, route, status)
    let bucket = 0
    while (bucket < this.#buckets.length && seconds > (this.#buckets[bucket] as number)) bucket += 1
    times.counts[bucket] = (times.counts[bucket] as number) + 1
    times.sum += seconds
  }

  render(): string {
    const lines = headOf(this.#name, this.#help)
    for (const [route, statuses] of this.#times)
      for (const [status, methods] of statuses)
        for (const [method, times] of methods)
          lines.push(...this.#linesOf(this.#name, [`method="${method}"`, `route="${route}"`, `status="${status}"`], times))
    return `${lines.join('\n')}\n`
  }

  /** The times of some requests together, as a figure of its own without labels. */
  renderTogether(name: string, help: string, belongs: (route: string, status: number) => boolean): string {
    const together = this.#newTimes()
    for (const [route, statuses] of this.#times)
      for (const [status, methods] of statuses) if (belongs(route, status)) for (const times of methods.values()) addTimes(together, times)
    return `${[...headOf(name, help), ...this.#linesOf(name, [], together)].join('\n')}\n`
  }

  #begin(method: string, route: string, status: number): Times {
    let statuses = this.#times.get(route)
    if (!statuses) this.#times.set(route, (statuses = new Map<number, Map<string, Times>>()))
    let methods = statuses.get(status)
    if (!methods) statuses.set(status, (methods = new Map<string, Times>()))
    const times = this.#newTimes()
    methods.set(method, times)
    return times
  }

  #newTimes(): Times {
    return { counts: Array.from({ length: this.#buckets.length + 1 }, () => 0), sum: 0 }
  }

  #linesOf(name: string, labels: readonly string[], { counts, sum }: Times): string[] {
    const all = labels.length === 0 ? '' : `{${labels.join()}}`
    let below = 0
    const lines = counts.map((count, n) => {
      below += count
      return `${name}_bucket{${[`le="${this.#buckets[n] ?? '+Inf'}"`, ...labels].join()}} ${below}`
    })
    return [...lines, `${name}_sum${all} ${sum}`, `${name}_count${all} ${below}`]
  }
}

function headOf(name: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
}

function addTimes(to: Times, { counts, sum }: Times): void {
  for (const [n, count] of counts.entries()) to.counts[n] = (to.counts[n] as number) + count
  to.sum += sum
}
