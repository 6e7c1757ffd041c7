import { randomUUID } from 'node:crypto'
import type { LeaseRow, Store } from '@headgate/store'

/** Of several processes on one database one moves rows; two would do the same work twice and get in each other's way. */
export interface SoleMover {
  /** False while another process moves rows. */
  take(): Promise<boolean>
  /** Called while rows are moved: holds it longer in time. */
  hold(): void
  leave(): Promise<void>
}

const LEASE = 'key-rotation'
const HELD_FOR = 30_000

/** @param shared where no other process writes, nothing has to be asked */
export function createSoleMover(store: Pick<Store, 'leases'>, shared: boolean, now: () => number): SoleMover {
  if (!shared) return { take: async () => true, hold() {}, leave: async () => undefined }
  const owner = randomUUID()
  let lease: LeaseRow | undefined
  let heldUntil = 0
  return {
    async take() {
      if (lease && heldUntil - now() > HELD_FOR / 2) return true
      heldUntil = now() + HELD_FOR
      lease = await store.leases.acquire(LEASE, owner, heldUntil, now())
      return lease !== undefined
    },
    hold() {
      if (!lease || heldUntil - now() > HELD_FOR / 2) return
      heldUntil = now() + HELD_FOR
      // One that is lost is noticed by the Changes: they expect the rotation as it was.
      store.leases.renew(lease, heldUntil, now()).catch(() => undefined)
    },
    async leave() {
      if (lease) await store.leases.release(lease).catch(() => undefined)
      lease = undefined
    },
  }
}
