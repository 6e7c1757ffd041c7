import { ok } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { DraftRow } from '@headgate/store'
import { requirePermission } from '../access/authorise.ts'
import { authorNames } from '../environments/author-names.ts'
import { nameOf } from '../environments/find-revision.ts'
import type { UseCase } from '../plane.ts'
import { approvalsOf } from './approvals.ts'
import { draftAnswer, findDraftById, textOfDraft } from './find-draft.ts'

/** Drafts shown at once, newest first. */
const SHOWN = 500

const STATES: Readonly<Record<'open' | 'applied' | 'closed' | 'all', readonly DraftRow['state'][]>> = {
  open: ['open', 'submitted'],
  applied: ['applied'],
  closed: ['closed'],
  all: ['open', 'submitted', 'applied', 'closed'],
}

/** What is proposed for any environment the caller may read. */
export const listAllDrafts: UseCase<'listAllDrafts'> = async (plane, caller, { query }) => {
  const [rows, environments, names] = await Promise.all([
    plane.store.drafts.inStates(plane.organisation.id, STATES[query.state ?? 'open'], SHOWN),
    plane.store.environments.list(plane.organisation.id),
    authorNames(plane),
  ])
  const readable = new Map(
    environments
      .filter((row) => decide('read', environmentResource(nameOf(plane, row)), caller.held, plane.now()) === 'allow')
      .map((row) => [row.id, row]),
  )
  const drafts = rows.flatMap((row) => {
    const environment = readable.get(row.environment)
    return environment ? [draftAnswer(row, environment, names(row.author))] : []
  })
  return ok({ answer: { drafts } })
}

/** A draft by its id alone, with its text and the approvals that count. */
export const showDraft: UseCase<'showDraft'> = async (plane, caller, { params }) => {
  const found = await findDraftById(plane, caller, params.draft)
  if (!found.ok) return found
  const { draft, environment } = found.value
  const allowed = requirePermission(plane, caller, 'read', environmentResource(nameOf(plane, environment)))
  if (!allowed.ok) return allowed
  const [approvals, names] = await Promise.all([approvalsOf(plane, draft, environment), authorNames(plane)])
  return ok({
    answer: {
      ...draftAnswer(draft, environment, names(draft.author)),
      text: textOfDraft(plane, draft),
      head: environment.head_revision,
      approvals: approvals.map(({ author, created_at, version }) => ({ by: names(author), at: created_at, version })),
    },
  })
}
