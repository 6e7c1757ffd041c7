import { HeadgateError, type Release, type ReleaseId, type ReleaseTarget, idOf } from '@headgate/model'
import type { Observed, Traffic } from '@headgate/rollout'
import type { InstanceRow, TargetRow } from '@headgate/store'
import type { ActiveRun } from './active-run.ts'
import { Bell } from './bell.ts'
import { type InstancePlan, type KeptInstance, TargetInstances, UNEXPLAINED } from './instances.ts'
import type { TargetLease } from './lease.ts'
import { observeTarget } from './observe.ts'
import { releaseOf, targetName, trafficOf } from './rows.ts'
import { RestartPolicy } from './restart-policy.ts'
import type { Surroundings } from './surroundings.ts'
import { TargetTraffic } from './traffic.ts'
import { watchLimits } from './watch-limits.ts'

/** How often processes that this plane did not start itself are looked for, in milliseconds. */
const LOOK_MS = 500
/** How long a router may take to say what it has in force, before what was written down last stands for it. */
const ADOPTION_MS = 2000

/**
 * Everything of one target while its lease is held here: the instances, the traffic, and the run under way. It keeps
 * what is live alive: an instance that ends is started again, one that falls ill gets no traffic.
 */
export class TargetKeeper {
  readonly surroundings: Surroundings
  readonly target: ReleaseTarget
  readonly lease: TargetLease
  readonly instances: TargetInstances
  readonly traffic: TargetTraffic
  /** Rings whenever an instance changed. */
  readonly bell = new Bell()
  row: TargetRow
  active: ActiveRun | undefined
  /** Aborts when nothing may be done here any more: the keeper is closing, or its lease is lost. */
  readonly stopped: AbortSignal
  readonly #closing = new AbortController()
  readonly #restarts: RestartPolicy
  readonly #releases = new Map<ReleaseId, Release>()
  #adopted = false
  /** The router could not be told how things are. */
  #behind = false
  #looking: Promise<void> = Promise.resolve()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(surroundings: Surroundings, lease: TargetLease, row: TargetRow) {
    this.surroundings = surroundings
    this.target = { project: row.project, environment: row.environment }
    this.lease = lease
    this.row = row
    this.stopped = AbortSignal.any([this.#closing.signal, lease.lost])
    this.instances = new TargetInstances(surroundings, this.target, lease, (instance) => this.#changed(instance))
    this.traffic = new TargetTraffic(surroundings, lease, this.target, trafficOf(row), {
      instances: () => this.instances.routable(),
      domain: async (release, service) => this.#serviceOf(await this.release(idOf<'release'>(release)), service).domain,
    })
    this.#restarts = new RestartPolicy(surroundings.clock, this.stopped, (kept, reason) => this.#restart(kept, reason))
  }

  /**
   * Finds every instance of an earlier plane again and begins to keep them. Until all of them are found the traffic stays
   * as the router has it: a table made of some of them would leave out the others.
   */
  async adopt(): Promise<void> {
    const { store, organisation } = this.surroundings
    const adopted: KeptInstance[] = []
    for (const row of await store.instances.active(organisation.id, this.target)) {
      adopted.push(await this.instances.adopt(row, await this.#planOf(row)))
    }
    this.traffic.shares = await this.#sharesInForce()
    this.#adopted = true
    this.#looking = this.#look()
    this.#log('instances adopted', { instances: adopted.length, ended: adopted.filter(({ gone }) => gone !== undefined).length })
    for (const kept of adopted) this.#changed(kept)
  }

  /**
   * What the router has in force comes before what was written down last, because a shift may have been cut off between
   * the two. Where it has nothing (its state was lost, or it does not answer) what was written down stands.
   */
  async #sharesInForce(): Promise<Traffic> {
    const observed = await this.traffic.observe(AbortSignal.timeout(ADOPTION_MS)).catch((): Traffic => ({}))
    const inForce = Object.entries(observed).filter(([, shares]) => Object.keys(shares).length > 0)
    return { ...this.traffic.shares, ...Object.fromEntries(inForce) }
  }

  /** A release by its id. Nothing of it changes once it has its label, so then it is read once. */
  async release(id: ReleaseId): Promise<Release> {
    const known = this.#releases.get(id)
    if (known) return known
    const row = await this.surroundings.store.releases.get(id)
    if (!row) throw new HeadgateError('RELEASE_NOT_FOUND', { release: id })
    const release = releaseOf(row)
    if (row.version !== null) this.#releases.set(id, release)
    return release
  }

  /** What is there now, looked at freshly. A router that does not answer is waited for. */
  observe(signal: AbortSignal): Promise<Observed> {
    return observeTarget(this, signal)
  }

  /** One after the other, for what must see what the one before it did. */
  exclusively<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /**
   * Stops keeping and executing. Instances and router run on, so the lease is not given to another node: a plane that is
   * only started anew finds its targets as it left them, and one that stays away loses them when the lease expires.
   */
  async close(): Promise<void> {
    this.#closing.abort(new Closing())
    await this.active?.ended
    await this.#looking
    await this.#restarts.settled()
    await this.traffic.settled()
    this.instances.close()
    await this.lease.leave()
  }

  #changed(kept: KeptInstance): void {
    if (this.stopped.aborted) return
    const state = kept.gone === undefined ? (kept.watch?.health ?? 'starting') : 'ended'
    const detail = kept.gone ?? kept.watch?.reason
    this.#log('instance', { instance: kept.row.id, service: kept.row.service, state, detail })
    const news = { type: 'instance', service: kept.row.service, instance: kept.row.id, state } as const
    this.active?.feed.tell(this.surroundings.clock.now(), { ...news, ...(detail === undefined ? {} : { detail }) })
    this.bell.ring()
    this.#follow(kept)
  }

  #follow(kept: KeptInstance): void {
    if (kept.row.state === 'draining' || !this.#adopted) return
    this.#route()
    if (kept.gone === undefined) this.#restarts.noteRunning(kept)
    else if (this.#isKept(kept)) this.#restarts.schedule(kept, kept.gone)
  }

  #route(): void {
    this.#behind = false
    this.traffic.apply(this.stopped).catch((error: unknown) => {
      if (this.stopped.aborted) return
      this.#behind = true
      this.#log('traffic does not follow', { reason: String(error) })
    })
  }

  /** One that ended while it was a run's to judge is nobody's to start again, until the run makes it part of what is live. */
  #restartMissing(): void {
    for (const kept of this.instances.list()) {
      if (kept.gone !== undefined && kept.gone !== UNEXPLAINED && this.#isKept(kept)) this.#restarts.schedule(kept, kept.gone)
    }
  }

  /** While a run is under way only what is live is started again: the rest of it is the run's to judge. */
  #isKept({ row }: KeptInstance): boolean {
    return row.state === 'healthy' && (this.active === undefined || row.release === this.row.live)
  }

  async #restart(kept: KeptInstance, reason: string): Promise<boolean> {
    if (this.stopped.aborted || kept.gone === undefined || this.instances.get(kept.row.id) !== kept || !this.#isKept(kept)) return true
    const restarted = await this.instances.restart(kept, reason.split('\n')[0] ?? reason)
    if (!restarted.ok) this.#log('instance not restarted', { instance: kept.row.id, reason: restarted.problem.message })
    return restarted.ok
  }

  async #look(): Promise<void> {
    const { clock, driver } = this.surroundings
    for (let turn = 0; !this.stopped.aborted; turn += 1) {
      await clock.sleep(LOOK_MS, this.stopped).catch(() => undefined)
      if (this.stopped.aborted) return
      try {
        await this.instances.lookForEnded()
        this.#restartMissing()
        if (turn % 2 === 0) await watchLimits(this, driver)
        if (this.#behind) this.#route()
      } catch (error) {
        this.#log('looking at instances failed', { reason: String(error) })
      }
    }
  }

  async #planOf(row: InstanceRow): Promise<InstancePlan> {
    const release = await this.release(row.release)
    return { release, service: this.#serviceOf(release, row.service) }
  }

  #serviceOf(release: Release, name: string) {
    const service = release.content.services.find((one) => one.name === name)
    if (!service) throw new HeadgateError('RELEASE_NOT_FOUND', { release: `${release.id} with ${name}` })
    return service
  }

  #log(event: string, fields: Record<string, string | number | boolean | undefined> = {}): void {
    this.surroundings.log({ event, target: targetName(this.target), ...fields })
  }
}

/** The reason everything stops for when the plane goes down. */
export class Closing extends Error {
  constructor() {
    super('the plane is going down')
    this.name = 'Closing'
  }
}
