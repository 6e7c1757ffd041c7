import { type AuditRecord, type Committed, HeadgateError, type ReleaseTarget, type Result, type Write } from '@headgate/model'
import type { Actor } from './configuration-source.ts'
import type { TargetLease } from './lease.ts'
import type { Surroundings } from './surroundings.ts'

/** One entry of the journal: what changes, and what the audit log says of it. */
export interface Entry {
  readonly target: ReleaseTarget
  readonly action: string
  readonly writes: readonly Write[]
  readonly details?: AuditRecord['details']
  readonly outcome?: AuditRecord['outcome']
  /** Who asked; the plane itself where nobody did. */
  readonly by?: Actor
  /** Only the owner of the target may write this. */
  readonly lease?: TargetLease
}

const PLANE: Actor = { principal: null, name: 'plane' }

/**
 * Writes an entry; a conflict is an answer.
 *
 * @throws RUN_FENCED when the entry's lease is lost; STORE_UNAVAILABLE when the disk takes nothing
 */
export async function enter(surroundings: Surroundings, entry: Entry): Promise<Result<Committed>> {
  const { organisation, changes, clock } = surroundings
  const { target, lease, by = PLANE } = entry
  lease?.lost.throwIfAborted()
  const committed = await changes.commit({
    expect: lease ? [lease.expectation] : [],
    writes: entry.writes,
    audit: {
      time: clock.now(),
      organisation: organisation.id,
      actor: by.principal,
      actorName: by.name,
      action: entry.action,
      resource: `target:${organisation.name}/${target.project}/${target.environment}`,
      outcome: entry.outcome ?? 'ok',
      ...(entry.details ? { details: entry.details } : {}),
    },
  })
  if (!committed.ok && lease && (await isLost(surroundings, lease))) {
    lease.lose()
    lease.lost.throwIfAborted()
  }
  return committed
}

async function isLost({ store, clock }: Surroundings, lease: TargetLease): Promise<boolean> {
  const { expectation } = lease
  if (expectation.kind !== 'lease') return false
  const row = await store.leases.get(expectation.lease)
  return row?.owner !== expectation.owner || row.epoch !== expectation.epoch || row.expires_at <= clock.now()
}

/** How long to wait before a disk that took nothing is tried again, in milliseconds. */
const AGAIN_MS = 500

/**
 * Writes an entry that must be written before anything else may happen: what it says is already so. A disk that takes
 * nothing is tried again until it does; a conflict cannot be, since nobody else writes these rows.
 */
export async function mustEnter(surroundings: Surroundings, entry: Entry & { readonly signal: AbortSignal }): Promise<Committed> {
  for (;;) {
    try {
      const committed = await enter(surroundings, entry)
      if (committed.ok) return committed.value
      throw new HeadgateError(committed.problem.code, committed.problem.details)
    } catch (error) {
      if (!(error instanceof HeadgateError) || error.code !== 'STORE_UNAVAILABLE') throw error
      surroundings.log({ event: 'journal waits for the disk', action: entry.action, reason: error.message })
    }
    await surroundings.clock.sleep(AGAIN_MS, entry.signal)
  }
}
