import { ok } from '@headgate/model'
import type { Plane } from '../plane.ts'
import { whileRotating } from './hold-rotation.ts'
import { settleAbandoned } from './settle-rotation.ts'

/** Ends every rotation that a plane left under way when it stopped. One that somebody works on is left alone. */
export async function settleAbandonedRotations(plane: Plane): Promise<void> {
  for (const draft of await plane.store.drafts.rotations()) {
    await whileRotating(plane, draft.environment, '', async () => ok(await settleAbandoned(plane, [draft])))
  }
}
