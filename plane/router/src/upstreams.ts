import type { RouterUpstream, RouterUpstreamStatus } from '@headgate/contract'
import { Counters } from './counters.ts'
import { Upstream } from './upstream.ts'

/** Counters of upstreams that are gone stay readable for this many of them. */
const REMEMBERED_GONE = 256

interface Gone {
  readonly status: Omit<RouterUpstreamStatus, 'counters'>
  readonly counters: Counters
}

/** Every upstream there is: those of the table in force, those that left it and still hold work, and the counters of the last that are gone. */
export class Upstreams {
  readonly #listed = new Map<string, Upstream>()
  readonly #leaving = new Set<Upstream>()
  readonly #gone = new Map<string, Gone>()

  /**
   * The upstream of a table entry: the very same object, with the work it holds, when one like it is there already. Part of installing a
   * table: `adopt` must follow in the same synchronous step.
   */
  get(definition: RouterUpstream, service: string, connectMs: number): Upstream {
    const same = (upstream: Upstream | undefined): boolean =>
      upstream?.address === definition.address &&
      upstream.release === definition.release &&
      upstream.service === service &&
      upstream.connectMs === connectMs
    const listed = this.#listed.get(definition.id)
    const present = same(listed) ? listed : [...this.#leaving].find((upstream) => upstream.id === definition.id && same(upstream))
    if (!present) return new Upstream(definition, service, connectMs, this.#countersOf(definition.id))
    present.weight = definition.weight
    return present
  }

  /** Makes the members of a new table the listed ones; the others leave. Synchronous with the swap of the table itself. */
  adopt(members: readonly Upstream[]): void {
    const staying = new Set(members)
    for (const upstream of this.#listed.values()) {
      if (staying.has(upstream)) continue
      upstream.listed = false
      upstream.weight = 0
      upstream.pool.close()
      this.#leaving.add(upstream)
    }
    this.#listed.clear()
    for (const upstream of members) this.#list(upstream)
    this.sweep()
  }

  #list(upstream: Upstream): void {
    this.#listed.set(upstream.id, upstream)
    this.#leaving.delete(upstream)
    this.#gone.delete(upstream.id)
    upstream.listed = true
    upstream.pool.reopen()
    if (upstream.weight > 0) upstream.drain?.cancel()
  }

  /** All with this id: normally one, two while an id moves to another address. */
  named(id: string): Upstream[] {
    return this.all().filter((upstream) => upstream.id === id)
  }

  all(): Upstream[] {
    return [...this.#listed.values(), ...this.#leaving]
  }

  /** Lets go of what left the table and holds nothing any more. */
  sweep(): void {
    for (const upstream of this.#leaving) {
      if (upstream.load > 0 || upstream.drain) continue
      this.#leaving.delete(upstream)
      if (this.#listed.has(upstream.id)) continue
      this.#gone.set(upstream.id, { status: { ...statusOf(upstream), state: 'gone', weight: 0 }, counters: upstream.counters })
      const oldest = this.#gone.keys().next().value
      if (this.#gone.size > REMEMBERED_GONE && oldest !== undefined) this.#gone.delete(oldest)
    }
  }

  statuses(): RouterUpstreamStatus[] {
    const present = this.all().map((upstream) => ({ ...statusOf(upstream), counters: upstream.counters.snapshot() }))
    const gone = [...this.#gone.values()].map(({ status, counters }): RouterUpstreamStatus => ({
      ...status,
      counters: counters.snapshot(),
    }))
    return [...present, ...gone]
  }

  /** An id keeps its counters, whatever becomes of it, so that a window over them never runs backwards. */
  #countersOf(id: string): Counters {
    return this.named(id)[0]?.counters ?? this.#gone.get(id)?.counters ?? new Counters()
  }
}

function statusOf(upstream: Upstream): Omit<RouterUpstreamStatus, 'counters'> {
  return {
    id: upstream.id,
    service: upstream.service,
    release: upstream.release,
    address: upstream.address,
    state: upstream.state,
    weight: upstream.weight,
    inFlight: upstream.exchanges.size,
    websockets: upstream.websockets.size,
    unreachable: upstream.passedOver,
  }
}
