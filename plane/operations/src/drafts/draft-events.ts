import type { Answer } from '@headgate/contract'
import { type Result, ok, refuse } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import type { DraftEventRow } from '@headgate/store'
import { requirePermission } from '../access/authorise.ts'
import { authorNames } from '../environments/author-names.ts'
import { nameOf } from '../environments/find-revision.ts'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { findDraftById } from './find-draft.ts'
import { type FoundDraft, happened, mayDecide, openDraft } from './open-draft.ts'

/** Approves a draft as it is; its author's own approval counts for nothing. */
export const approveDraft: UseCase<'approveDraft'> = async (plane, caller, { params, body }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const { draft } = found.value
  const allowed = mayApprove(plane, caller, found.value)
  if (!allowed.ok) return allowed
  if (body?.version !== undefined && body.version !== draft.version)
    return refuse('DRAFT_CONFLICT', { draft: draft.id, expected: body.version, actual: draft.version })
  return happened(plane, caller, found.value, { kind: 'approved', comment: body?.comment })
}

export const unapproveDraft: UseCase<'unapproveDraft'> = async (plane, caller, { params }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const allowed = mayApprove(plane, caller, found.value)
  return allowed.ok ? happened(plane, caller, found.value, { kind: 'unapproved' }) : allowed
}

/** Says something about a draft. Its author may, and whoever may decide about it. */
export const commentDraft: UseCase<'commentDraft'> = async (plane, caller, { params, body }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const decides = mayDecide(plane, caller, found.value)
  const allowed = decides.ok ? decides : mayApprove(plane, caller, found.value)
  if (!allowed.ok) return allowed
  const said = await happened(plane, caller, found.value, { kind: 'commented', comment: body.comment })
  if (!said.ok) return said
  const written = said.value.writes?.find(({ table }) => table === 'draft_events')?.row as unknown as DraftEventRow
  return ok({ ...said.value, answer: eventAnswer(written, caller.name) })
}

/** What happened to a draft and what was said about it, in order. */
export const listDraftEvents: UseCase<'listDraftEvents'> = async (plane, caller, { params }) => {
  const found = await findDraftById(plane, caller, params.draft)
  if (!found.ok) return found
  const { draft, environment } = found.value
  const allowed = requirePermission(plane, caller, 'read', environmentResource(nameOf(plane, environment)))
  if (!allowed.ok) return allowed
  const [rows, names] = await Promise.all([plane.store.draftEvents.list(draft.id), authorNames(plane)])
  return ok({ answer: { events: rows.map((row) => eventAnswer(row, names(row.author))) } })
}

function mayApprove(plane: Plane, caller: Caller, { environment }: FoundDraft): Result<void> {
  return requirePermission(plane, caller, 'approve', environmentResource(nameOf(plane, environment)))
}

function eventAnswer({ id, kind, version, comment, created_at }: DraftEventRow, author: string): Answer<'commentDraft'> {
  return { event: id, kind, version, author, at: created_at, ...(comment === '' ? {} : { comment }) }
}
