import type { RouterService, RouterTable, RouterUpstream } from '@headgate/contract'
import { HeadgateError, type ReleaseTarget } from '@headgate/model'
import { type Counts, type Reading, type Shares, type Traffic, canonicalJson, sharesOf, weightsOf } from '@headgate/rollout'
import type { TargetLease } from './lease.ts'
import { routerCode } from './router.ts'
import type { Surroundings } from './surroundings.ts'

/** An instance as traffic sees it. */
export interface TrafficInstance {
  readonly id: string
  readonly attempt: number
  readonly service: string
  readonly release: string
  readonly port: number
  readonly healthy: boolean
}

/** What the traffic of a target is made of at this moment. */
export interface TrafficSource {
  readonly instances: () => readonly TrafficInstance[]
  /** The host name a service answers to in a release. */
  readonly domain: (release: string, service: string) => Promise<string>
}

/** How long a router that does not answer is waited for before it is asked again, in milliseconds. */
const AGAIN_MS = 200
/** How long it is waited for altogether: it is a process that its keeper starts again when it ends. */
const ROUTER_MS = 60_000

/**
 * The traffic of one target: keeps the router's table as the shares and the health of instances want it.
 *
 * Everything that changes the table goes through `apply`, one after the other, so a health change and a shift never
 * overwrite each other. Services of other targets in the table are left as they are.
 */
export class TargetTraffic {
  readonly #surroundings: Surroundings
  readonly #lease: TargetLease
  readonly #prefix: string
  readonly #source: TrafficSource
  #shares: Traffic
  #turn: Promise<void> = Promise.resolve()

  constructor(surroundings: Surroundings, lease: TargetLease, target: ReleaseTarget, shares: Traffic, source: TrafficSource) {
    this.#surroundings = surroundings
    this.#lease = lease
    this.#prefix = servicesPrefix(surroundings.organisation.name, target)
    this.#shares = shares
    this.#source = source
  }

  /** The shares that are wanted. */
  get shares(): Traffic {
    return this.#shares
  }

  set shares(shares: Traffic) {
    this.#shares = shares
  }

  /**
   * Puts a table in force in which every service has the wanted shares, and waits until it is. A service without shares
   * has no route. A router that does not answer is asked again for a while.
   *
   * @throws ROUTER_UNREACHABLE when it never did; the signal's reason when that aborts
   */
  async apply(signal: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#put(signal))
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  /** Resolves when no change of the table is under way any more. */
  settled(): Promise<void> {
    return this.#turn
  }

  /**
   * The shares that the router has in force, by what its instances are now.
   *
   * @throws ROUTER_UNREACHABLE when it does not answer for a while; the signal's reason when that aborts
   */
  async observe(signal: AbortSignal): Promise<Traffic> {
    const { table } = await this.#patiently(signal, () => this.#surroundings.router.status())
    const releases = new Map(this.#source.instances().map((instance) => [upstreamId(instance), instance.release]))
    const traffic: Record<string, Shares> = {}
    for (const { id, upstreams } of table.services) {
      if (!id.startsWith(this.#prefix)) continue
      const routed = upstreams.map((upstream) => ({ release: releases.get(upstream.id) ?? upstream.release, weight: upstream.weight }))
      traffic[id.slice(this.#prefix.length)] = sharesOf(routed)
    }
    return traffic
  }

  /** What was counted of these upstreams, each service by itself. */
  async read(
    release: string,
    services: readonly string[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, Reading & { readonly all: number }>>> {
    const status = await this.#patiently(signal, () => this.#surroundings.router.status())
    const current = new Map(this.#source.instances().map((instance) => [upstreamId(instance), instance.release]))
    const readings: Record<string, Reading & { all: number }> = {}
    for (const service of services) {
      const mine = status.upstreams.filter((upstream) => upstream.service === this.#prefix + service)
      const counted = mine.map((upstream) => [upstream.id, countsOf(upstream.counters)] as const)
      const upstreams = counted.filter(([id]) => (current.get(id) ?? mine.find((one) => one.id === id)?.release) === release)
      readings[service] = {
        generation: status.run,
        boundsMs: status.latencyBoundsMs,
        upstreams: Object.fromEntries(upstreams),
        all: counted.reduce((sum, [, { requests }]) => sum + requests, 0),
      }
    }
    return readings
  }

  async #put(signal: AbortSignal): Promise<void> {
    const { router } = this.#surroundings
    await this.#patiently(signal, async () => {
      this.#lease.lost.throwIfAborted()
      const { revision, table } = await router.status()
      const wanted = await this.#tableFrom(table)
      // Once nothing is kept here any more, what this plane knows of its instances is no ground to change anything.
      signal.throwIfAborted()
      if (canonicalJson(wanted) === canonicalJson(table)) return
      await router.putTable({ ...this.#lease.command, table: wanted, expectedRevision: revision })
    })
  }

  /** Does something with the router; again where it does not answer just now, or the table changed in between. */
  async #patiently<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const { clock } = this.#surroundings
    for (const until = clock.now() + ROUTER_MS; ;) {
      signal.throwIfAborted()
      try {
        return await act()
      } catch (error) {
        const code = routerCode(error)
        if (code === 'fenced') this.#lease.lose()
        if (code === 'fenced' || code === 'stale-revision') continue
        if (code !== 'unreachable' && code !== 'stopping') throw error
        if (clock.now() >= until) throw new HeadgateError('ROUTER_UNREACHABLE', { seconds: ROUTER_MS / 1000 }, { cause: error })
        await clock.sleep(AGAIN_MS, signal)
      }
    }
  }

  async #tableFrom(table: RouterTable): Promise<RouterTable> {
    const others = table.services.filter(({ id }) => !id.startsWith(this.#prefix))
    const mine: RouterService[] = []
    for (const [service, shares] of Object.entries(this.#shares)) {
      const most = Object.entries(shares).toSorted((one, other) => other[1] - one[1])[0]?.[0]
      if (most === undefined) continue
      const domain = await this.#source.domain(most, service)
      mine.push({ id: this.#prefix + service, domains: [domain], upstreams: this.#upstreamsOf(service, shares) })
    }
    // In the order of their names, so that the same wish is the same table.
    return { services: [...others, ...mine.toSorted((one, other) => (one.id < other.id ? -1 : 1))] }
  }

  #upstreamsOf(service: string, shares: Shares): RouterUpstream[] {
    const instances = this.#source.instances().filter((instance) => instance.service === service)
    const weights = new Map(weightsOf(shares, instances).map(({ id, weight }) => [id, weight]))
    return instances
      .filter((instance) => (weights.get(instance.id) ?? 0) > 0)
      .map((instance) => ({
        id: upstreamId(instance),
        release: instance.release,
        address: `127.0.0.1:${instance.port}`,
        weight: weights.get(instance.id) ?? 0,
      }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
  }
}

/** How the router's names of all services of a target begin. */
export function servicesPrefix(organisation: string, { project, environment }: ReleaseTarget): string {
  return `${organisation}/${project}/${environment}/`
}

/** How the router calls a process of an instance: one that is started again is another upstream, with counters of its own. */
export function upstreamId({ id, attempt }: Pick<TrafficInstance, 'id' | 'attempt'>): string {
  return `${id}.${attempt}`
}

type RouterCounters = Awaited<ReturnType<Surroundings['router']['status']>>['upstreams'][number]['counters']

/** Requests that came to an end. One the client gave up is neither an error nor an answer. */
function countsOf({ responses, errors, latency }: RouterCounters): Counts {
  const failed = errors.refused + errors.timeout + errors.reset + errors.truncated
  const answered = responses['1xx'] + responses['2xx'] + responses['3xx'] + responses['4xx'] + responses['5xx']
  return { requests: answered + failed, errors: responses['5xx'] + failed, latency }
}
