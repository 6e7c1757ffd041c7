import type { UseCase } from '../plane.ts'
import { happened, mayDecide, openDraft } from './open-draft.ts'

/** Hands a draft in. Its author may, and whoever may write there. */
export const submitDraft: UseCase<'submitDraft'> = async (plane, caller, { params, body }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const allowed = mayDecide(plane, caller, found.value)
  if (!allowed.ok) return allowed
  const description = body.description ?? found.value.draft.description
  return happened(plane, caller, found.value, { kind: 'submitted', set: { state: 'submitted', description } })
}

/** Says what a draft is for. Its author may, and whoever may write there. */
export const describeDraft: UseCase<'describeDraft'> = async (plane, caller, { params, body }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const allowed = mayDecide(plane, caller, found.value)
  if (!allowed.ok) return allowed
  return happened(plane, caller, found.value, { kind: 'described', comment: body.description, set: { description: body.description } })
}

/** Closes a draft without making it a revision. Its author may, and whoever may write there. */
export const closeDraft: UseCase<'closeDraft'> = async (plane, caller, { params, body }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const allowed = mayDecide(plane, caller, found.value)
  if (!allowed.ok) return allowed
  return happened(plane, caller, found.value, { kind: 'closed', comment: body?.comment, set: { state: 'closed' } })
}
