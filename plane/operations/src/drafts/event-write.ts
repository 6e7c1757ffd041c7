import { randomUUID } from 'node:crypto'
import type { Write } from '@headgate/model'
import { type DraftEventRow, type DraftRow, insert } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'

/** An entry of a draft's history. Of two that are made at once one is a conflict, because they have the same number. */
export async function eventWrite(
  plane: Plane,
  caller: Pick<Caller, 'principal'>,
  { id, environment, version }: Pick<DraftRow, 'id' | 'environment' | 'version'>,
  kind: DraftEventRow['kind'],
  comment = '',
): Promise<Write> {
  const number = (await plane.store.draftEvents.list(id)).length + 1
  const by = { author: caller.principal, created_at: plane.now() }
  return insert('draft_events', { id: randomUUID(), draft: id, environment, kind, version, comment, ...by, number })
}
