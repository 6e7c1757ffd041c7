import { randomUUID } from 'node:crypto'
import { pruneWhatIsOld } from '../audit/prune-audit.ts'
import { purgeDeleted } from '../environments/purge-deleted.ts'
import type { Plane } from '../plane.ts'
import { settleAbandonedRotations } from '../rotation/settle-abandoned-rotations.ts'
import { runDueSchedules } from '../schedules/run-due.ts'
import { deliverDue, sweepDeliveries } from '../webhooks/deliver-due.ts'

/** How often due work is looked for, and what is past its time is removed, in milliseconds. */
const DUE_EVERY = 1_000
const SWEEP_EVERY = 60_000
/** How often old audit records are let go of, in milliseconds. */
const PRUNE_EVERY = 60 * 60_000
/** How long one node is the one that works; it is taken again well before it is over. */
const LEASE = 60_000
const LEASE_NAME = 'background'

export interface Background {
  /** Waits for the round under way, then works no more. */
  close(): Promise<void>
}

/**
 * What the plane does by itself: messages to webhooks, schedules, and the removal of what is over. Of several nodes on
 * one database one works at a time; another takes over when its lease runs out.
 */
export function startBackground(plane: Plane, onError: (error: unknown) => void): Background {
  const owner = randomUUID()
  let turn: Promise<void> = Promise.resolve()
  let asked = false
  let heldUntil = Number.NEGATIVE_INFINITY
  let swept = Number.NEGATIVE_INFINITY
  let pruned = Number.NEGATIVE_INFINITY

  const round = async (): Promise<void> => {
    asked = false
    const now = plane.now()
    if (now >= heldUntil - LEASE / 2) {
      if (!(await plane.store.leases.acquire(LEASE_NAME, owner, now + LEASE, now))) return
      heldUntil = now + LEASE
    }
    await deliverDue(plane)
    await runDueSchedules(plane)
    if (now - swept < SWEEP_EVERY) return
    swept = now
    await settleAbandonedRotations(plane)
    await plane.store.openSessions.sweep(now)
    await sweepDeliveries(plane)
    await purgeDeleted(plane)
    if (now - pruned < PRUNE_EVERY) return
    pruned = now
    await pruneWhatIsOld(plane)
  }
  const work = (): void => {
    if (asked) return
    asked = true
    // A disk that is full for a while must not end the work for good.
    turn = turn.then(round).catch(onError)
  }
  const stopListening = plane.store.onCommit(({ tables }) => {
    if (tables.includes('webhook_deliveries')) work()
  })
  const timer = setInterval(work, DUE_EVERY)
  timer.unref()
  return {
    async close() {
      stopListening()
      clearInterval(timer)
      await turn
    },
  }
}
