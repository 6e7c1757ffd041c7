import { type ReleaseTarget, type Result, ok, refuse } from '@headgate/model'
import type { LeaseRow, TargetRow } from '@headgate/store'
import { execute } from './begin-deployment.ts'
import { Draft } from './draft.ts'
import type { Feeds } from './feed.ts'
import { mustEnter } from './journal.ts'
import { leaveTarget } from './leave-target.ts'
import { LEASE_MS, type TakeOver, TargetLease, leaseName } from './lease.ts'
import type { KeptBy } from './releases.ts'
import { newTarget, resumeDeployment } from './resume-deployment.ts'
import { targetName, targetOf } from './rows.ts'
import { StandBy } from './stand-by.ts'
import type { Surroundings } from './surroundings.ts'
import { TargetKeeper } from './target-keeper.ts'

/** The keepers of every target whose lease is held here. */
export class Keepers {
  readonly #surroundings: Surroundings
  readonly #feeds: Feeds
  readonly #takeOver: TakeOver
  readonly #keepers = new Map<string, Promise<TargetKeeper | undefined>>()
  /** Leases of other nodes, by the epoch at which what was left here of their targets was ended. */
  readonly #left = new Map<string, number>()
  readonly #standBy: StandBy
  readonly #closing = new AbortController()
  #waiting: Promise<void> = Promise.resolve()

  constructor(surroundings: Surroundings, feeds: Feeds, takeOver: TakeOver) {
    this.#surroundings = surroundings
    this.#feeds = feeds
    this.#takeOver = takeOver
    this.#standBy = new StandBy(surroundings)
  }

  /** Takes every known target; those that somebody else holds are tried again until their lease has expired. */
  async openAll(): Promise<void> {
    const { store, organisation } = this.#surroundings
    const missing: TargetRow[] = []
    for (const row of await store.targets.list(organisation.id)) {
      if (!(await this.#kept(targetOf(row), this.#takeOver))) missing.push(row)
    }
    // Another node may end at any time, and may have targets by then that nobody has yet.
    if (this.#takeOver === 'when-expired') this.#waiting = this.#standIn()
    else if (missing.length > 0) this.#waiting = this.#waitFor(missing)
  }

  /**
   * The keeper of a target, opened if nobody else has it; a target nothing was deployed to yet is made. Refused with
   * NODE_UNREACHABLE where another node has it by now, which can be asked; nothing was done then.
   */
  async of(target: ReleaseTarget): Promise<Result<TargetKeeper>> {
    const keeper = await this.#kept(target, 'when-expired')
    if (keeper) return ok(keeper)
    const other = this.#takeOver === 'when-expired' ? await this.elsewhere(target) : undefined
    const reason = 'it took the target just now'
    if (other) return refuse('NODE_UNREACHABLE', { holder: other.owner, target: targetName(target), reason })
    const { store } = this.#surroundings
    const lease = await store.leases.get(leaseName(this.#surroundings, target))
    const since = new Date(lease === undefined ? 0 : lease.expires_at - LEASE_MS).toISOString()
    return refuse('RELEASE_LOCKED', { target: targetName(target), since, holder: lease?.owner ?? 'another plane' })
  }

  /** The keeper of a target if it is held here. */
  async held(target: ReleaseTarget): Promise<TargetKeeper | undefined> {
    const keeper = await this.#keepers.get(targetName(target))
    return keeper?.stopped.aborted === true ? undefined : keeper
  }

  /** Who else keeps a target by now. */
  async elsewhere(target: ReleaseTarget): Promise<KeptBy | undefined> {
    if (await this.held(target)) return undefined
    const { store, clock, owner } = this.#surroundings
    const lease = await store.leases.get(leaseName(this.#surroundings, target))
    const other = lease !== undefined && lease.owner !== owner && lease.expires_at > clock.now()
    return other ? { owner: lease.owner, epoch: lease.epoch } : undefined
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#waiting
    for (const keeper of await Promise.all(this.#keepers.values())) await keeper?.close()
    this.#keepers.clear()
  }

  async #kept(target: ReleaseTarget, takeOver: TakeOver): Promise<TargetKeeper | undefined> {
    const name = targetName(target)
    const known = await this.#keepers.get(name)
    if (known && !known.stopped.aborted) return known
    if (this.#closing.signal.aborted) return undefined
    const opening = this.#keepers.get(name)
    // Whoever came first opens; everybody else waits for that.
    if (opening && (await opening) !== known) return this.#kept(target, takeOver)
    known?.instances.close()
    const opened = this.#open(target, takeOver)
    this.#keepers.set(name, opened)
    const keeper = await opened.catch((error: unknown) => {
      this.#keepers.delete(name)
      throw error
    })
    if (!keeper) this.#keepers.delete(name)
    return keeper
  }

  async #open(target: ReleaseTarget, takeOver: TakeOver): Promise<TargetKeeper | undefined> {
    const lease = await TargetLease.take(this.#surroundings, target, takeOver)
    if (!lease) return undefined
    const row = await this.#rowOf(target, lease).catch(async (error: unknown) => {
      await lease.release()
      throw error
    })
    const keeper = new TargetKeeper(this.#surroundings, lease, row)
    try {
      const active = await resumeDeployment(keeper, this.#feeds)
      // Known before the instances are: while a run is under way, it decides what is started again.
      keeper.active = active
      await keeper.adopt()
      if (active) execute(keeper, active)
      return keeper
    } catch (error) {
      await keeper.close()
      await lease.release()
      throw error
    }
  }

  async #rowOf(target: ReleaseTarget, lease: TargetLease): Promise<TargetRow> {
    const { store, organisation } = this.#surroundings
    const known = await store.targets.get(organisation.id, target)
    if (known) return known
    let made: TargetRow | undefined
    const draft = new Draft().insert('targets', newTarget({ organisation: organisation.id, ...target }), (row) => (made = row))
    const entry = { target, lease, action: 'target.create', writes: draft.writes, signal: lease.lost }
    draft.settle((await mustEnter(this.#surroundings, entry)).change)
    return made as unknown as TargetRow
  }

  /** Takes every target whose lease has run out, lets go of those that others took, and keeps the files of all at hand, as long as this one runs. */
  async #standIn(): Promise<void> {
    const { store, organisation, clock, owner } = this.#surroundings
    while (!this.#closing.signal.aborted) {
      await clock.sleep(LEASE_MS / 5, this.#closing.signal).catch(() => undefined)
      for (const row of await store.targets.list(organisation.id).catch(() => [])) {
        if (this.#closing.signal.aborted) return
        // Its own as well: what was made into a release elsewhere is to be deployed here.
        await this.#standBy.prepare(row).catch(() => undefined)
        const target = targetOf(row)
        if (await this.held(target).catch(() => undefined)) continue
        const lease = await store.leases.get(leaseName(this.#surroundings, target)).catch(() => undefined)
        if (!lease) continue
        // Looked at before it is asked for: asking is a write.
        if (lease.expires_at <= clock.now()) await this.#kept(target, 'when-expired').catch(() => undefined)
        else if (lease.owner !== owner) this.#leave(target, lease)
      }
    }
  }

  /** What another node has taken over is ended here, once for each time it was taken. */
  #leave(target: ReleaseTarget, lease: LeaseRow): void {
    if (this.#left.get(lease.name) === lease.epoch) return
    this.#left.set(lease.name, lease.epoch)
    // Requests may take their time to end; other targets are not to wait for that.
    leaveTarget(this.#surroundings, target, lease).catch((error: unknown) => {
      if (this.#closing.signal.aborted) return
      this.#left.delete(lease.name)
      this.#surroundings.log({ event: 'not left to another node yet', target: targetName(target), reason: String(error) })
    })
  }

  async #waitFor(missing: readonly TargetRow[]): Promise<void> {
    let left = missing
    while (left.length > 0 && !this.#closing.signal.aborted) {
      await this.#surroundings.clock.sleep(LEASE_MS / 5, this.#closing.signal).catch(() => undefined)
      const still: TargetRow[] = []
      for (const row of left) {
        const keeper = await this.#kept(targetOf(row), 'when-expired').catch(() => undefined)
        if (!keeper) still.push(row)
      }
      left = still
    }
  }
}
