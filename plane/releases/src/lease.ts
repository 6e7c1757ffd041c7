import { type Expectation, HeadgateError, type ReleaseTarget } from '@headgate/model'
import type { LeaseRow } from '@headgate/store'
import type { Command } from './process/fence.ts'
import { targetName } from './rows.ts'
import type { Surroundings } from './surroundings.ts'

/** How long a lease lasts without a sign of life: as long as a dead executor holds everybody up. */
export const LEASE_MS = 15_000

/**
 * `at-once`: whoever held the lease is known to be dead, because its data folder is locked by this process now.
 * `when-expired`: it may be alive, and is waited for.
 */
export type TakeOver = 'at-once' | 'when-expired'

/**
 * The right to execute releases of one target, held by being renewed.
 *
 * Its epoch rises with every owner. Each write of the journal expects the lease, each command to the router and to
 * processes carries the epoch; so an owner that was paused past its time changes nothing when it wakes.
 */
export class TargetLease {
  readonly #surroundings: Surroundings
  readonly #row: LeaseRow
  readonly #target: string
  readonly #lost = new AbortController()
  #expires: number
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> = Promise.resolve()

  private constructor(surroundings: Surroundings, row: LeaseRow, target: string) {
    this.#surroundings = surroundings
    this.#row = row
    this.#target = target
    this.#expires = row.expires_at
    this.#schedule()
  }

  /** Takes the lease of a target; undefined while somebody else holds it. */
  static async take(surroundings: Surroundings, target: ReleaseTarget, takeOver: TakeOver): Promise<TargetLease | undefined> {
    const { store, clock, owner } = surroundings
    const now = clock.now()
    const row = await store.leases.acquire(
      leaseName(surroundings, target),
      owner,
      now + LEASE_MS,
      takeOver === 'at-once' ? Number.MAX_SAFE_INTEGER : now,
    )
    return row && new TargetLease(surroundings, row, targetName(target))
  }

  get epoch(): number {
    return this.#row.epoch
  }

  get expires(): number {
    return this.#expires
  }

  /** Aborts when the lease is lost, with RUN_FENCED as its reason. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  get expectation(): Expectation {
    return { kind: 'lease', lease: this.#row.name, owner: this.#row.owner, epoch: this.#row.epoch }
  }

  get command(): Command {
    return { scope: this.#row.name, epoch: this.#row.epoch }
  }

  /** Says that the lease is gone, when a write or a command found it out. */
  lose(): void {
    if (this.#lost.signal.aborted) return
    clearTimeout(this.#timer)
    const details = { target: this.#target, epoch: this.#row.epoch, seen: this.#row.epoch + 1 }
    this.#lost.abort(new HeadgateError('RUN_FENCED', details))
  }

  /** Holds it no longer than it lasts by itself: whoever comes back until then, as the same owner, goes on. */
  async leave(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#renewing
    clearTimeout(this.#timer)
  }

  /** Gives it back, so that the next owner need not wait for it to expire. */
  async release(): Promise<void> {
    await this.leave()
    if (!this.#lost.signal.aborted) await this.#surroundings.store.leases.release(this.#row)
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew().finally(() => {
        if (!this.#lost.signal.aborted) this.#schedule()
      })
    }, LEASE_MS / 3)
    this.#timer.unref()
  }

  async #renew(): Promise<void> {
    const { store, clock } = this.#surroundings
    const now = clock.now()
    try {
      if (await store.leases.renew(this.#row, now + LEASE_MS, now)) this.#expires = now + LEASE_MS
      else this.lose()
    } catch {
      // The disk takes nothing now. The lease lasts until it expires, and is tried again before that.
      if (now >= this.#expires) this.lose()
    }
  }
}

export function leaseName({ organisation }: Surroundings, { project, environment }: ReleaseTarget): string {
  return `release:${organisation.id}/${project}/${environment}`
}
