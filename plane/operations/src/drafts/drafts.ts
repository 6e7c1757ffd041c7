import { ok, refuse, shortName } from '@headgate/model'
import { type DraftRow, insert, update } from '@headgate/store'
import { authorNames } from '../environments/author-names.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import { sealDocument } from '../environments/seal-document.ts'
import type { UseCase } from '../plane.ts'
import { eventWrite } from './event-write.ts'
import { draftAnswer, findDraft, sealDraftText, textOfDraft } from './find-draft.ts'
import { newDraft } from './new-draft.ts'

/** What is proposed for an environment, newest first. */
export const listDrafts: UseCase<'listDrafts'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const [rows, nameOf] = await Promise.all([plane.store.drafts.list(environment.value.id), authorNames(plane)])
  return ok({ answer: { drafts: rows.map((row) => draftAnswer(row, environment.value, nameOf(row.author))) } })
}

/** Proposes a text. It is checked and sealed as a save would be, and becomes no revision. */
export const createDraft: UseCase<'createDraft'> = async (plane, caller, { params, body }) => {
  const found = await findEnvironment(plane, params)
  if (!found.ok) return found
  const environment = found.value
  const base = body.expected ?? environment.head_revision
  if (base !== environment.head_revision)
    return refuse('REVISION_CONFLICT', { environment: shortName(params), expected: base, actual: environment.head_revision })
  const sealed = await sealDocument(plane, caller, environment, body.text)
  if (!sealed.ok) return sealed
  const { text, records, diagnostics } = sealed.value
  const draft = newDraft(plane, caller, environment, { kind: 'text', description: body.description })
  return ok({
    answer: { ...draftAnswer(draft, environment, caller.name), diagnostics: [...diagnostics] },
    writes: [
      ...records,
      insert('drafts', { ...draft, sealed: sealDraftText(plane, draft, text) }),
      await eventWrite(plane, caller, draft, 'created'),
    ],
    details: { draft: draft.id, base, sealed: records.length },
  })
}

/** A draft with its text, secrets sealed. */
export const readDraft: UseCase<'readDraft'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const found = await findDraft(plane, params.draft, environment.value)
  if (!found.ok) return found
  const nameOf = await authorNames(plane)
  const answer = draftAnswer(found.value, environment.value, nameOf(found.value.author))
  return ok({ answer: { ...answer, text: textOfDraft(plane, found.value) } })
}

/** Replaces the text of a draft that is not applied or closed yet, if nobody replaced it in between. */
export const changeDraft: UseCase<'changeDraft'> = async (plane, caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const found = await findDraft(plane, params.draft, environment.value)
  if (!found.ok) return found
  const draft: DraftRow = found.value
  if (draft.kind !== 'text' || draft.state === 'applied' || draft.state === 'closed')
    return refuse('DRAFT_CLOSED', { draft: draft.id, state: draft.state })
  if (body.expected !== undefined && body.expected !== draft.version)
    return refuse('DRAFT_CONFLICT', { draft: draft.id, expected: body.expected, actual: draft.version })
  const sealed = await sealDocument(plane, caller, environment.value, body.text)
  if (!sealed.ok) return sealed
  const { text, records, diagnostics } = sealed.value
  const next = { ...draft, version: draft.version + 1, base: environment.value.head_revision, changed_at: plane.now() }
  const nameOf = await authorNames(plane)
  return ok({
    answer: { ...draftAnswer(next, environment.value, nameOf(draft.author)), diagnostics: [...diagnostics] },
    writes: [
      ...records,
      update('drafts', draft, { ...next, sealed: sealDraftText(plane, next, text) }),
      await eventWrite(plane, caller, next, 'changed'),
    ],
    details: { draft: draft.id, version: next.version, sealed: records.length },
  })
}
