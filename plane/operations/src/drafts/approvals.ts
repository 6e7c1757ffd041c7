import type { PrincipalId } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { DraftEventRow, DraftRow, EnvironmentRow } from '@headgate/store'
import { heldRoles } from '../access/held-roles.ts'
import { nameOf } from '../environments/find-revision.ts'
import type { Plane } from '../plane.ts'

/**
 * The approvals of a draft that count: of the text it has now, not taken back, by somebody else than its author, who may
 * still sign in and still approve there.
 */
export async function approvalsOf(plane: Plane, draft: DraftRow, environment: EnvironmentRow): Promise<DraftEventRow[]> {
  const standing = new Map<PrincipalId, DraftEventRow>()
  for (const event of await plane.store.draftEvents.list(draft.id)) {
    if (event.kind === 'approved' && event.version === draft.version) standing.set(event.author, event)
    if (event.kind === 'unapproved') standing.delete(event.author)
  }
  standing.delete(draft.author)
  const counting: DraftEventRow[] = []
  for (const event of standing.values()) if (await mayApprove(plane, event.author, environment)) counting.push(event)
  return counting
}

async function mayApprove(plane: Plane, id: PrincipalId, environment: EnvironmentRow): Promise<boolean> {
  const principal = await plane.store.principals.get(id)
  if (!principal || principal.disabled_at !== null || principal.deleted_at != null) return false
  const held = await heldRoles(plane, plane.organisation.id, id)
  return decide('approve', environmentResource(nameOf(plane, environment)), held, plane.now()) === 'allow'
}
