import { randomUUID } from 'node:crypto'
import { type Result, type Write, idOf, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { type DraftRow, type EnvironmentRow, insert, update } from '@headgate/store'
import { mayOn, requirePermission } from '../access/authorise.ts'
import { authorNames } from '../environments/author-names.ts'
import { findEnvironment, nameOf } from '../environments/find-revision.ts'
import { sealDocument } from '../environments/seal-document.ts'
import type { Caller, Outcome, Plane, UseCase } from '../plane.ts'
import { draftAnswer, findDraftById, sealDraftText, textOfDraft } from './find-draft.ts'

/** Hands a draft in. Its author may, and whoever may write there. */
export const submitDraft: UseCase<'submitDraft'> = async (plane, caller, { params, body }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const { draft, environment } = found.value
  const allowed = mayDecide(plane, caller, draft, environment)
  if (!allowed.ok) return allowed
  const next = { state: 'submitted' as const, description: body.description ?? draft.description, changed_at: plane.now() }
  return settled(plane, found.value, next, [])
}

/** Closes a draft without making it a revision. Its author may, and whoever may write there. */
export const closeDraft: UseCase<'closeDraft'> = async (plane, caller, { params }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const allowed = mayDecide(plane, caller, found.value.draft, found.value.environment)
  return allowed.ok ? settled(plane, found.value, { state: 'closed', changed_at: plane.now() }, []) : allowed
}

/** Makes the text of a draft the next revision, if the environment is still where the draft began; or grants what it asks for. */
export const applyDraft: UseCase<'applyDraft'> = async (plane, caller, { params }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const { draft, environment } = found.value
  const name = nameOf(plane, environment)
  for (const permission of ['approve', draft.kind === 'text' ? 'write' : 'open'] as const) {
    const allowed = requirePermission(plane, caller, permission, environmentResource(name))
    if (!allowed.ok) return allowed
  }
  const next = { state: 'applied' as const, changed_at: plane.now() }
  if (draft.kind === 'access') {
    const writes = await grantWrites(plane, caller, draft, environment)
    if (!writes.ok) return writes
    const answer = await settled(plane, found.value, next, writes.value)
    return answer.ok ? ok({ ...answer.value, answer: { ...answer.value.answer, revision: environment.head_revision } }) : answer
  }
  if (draft.base !== environment.head_revision)
    return refuse('REVISION_CONFLICT', { environment: shortName(name), expected: draft.base, actual: environment.head_revision })
  // What it imports may have changed since, and a right of the one who applies it decides about handles in it.
  const sealed = await sealDocument(plane, caller, environment, textOfDraft(plane, draft))
  if (!sealed.ok) return sealed
  const by = { author: draft.author, time: plane.now() }
  const { revision, writes } = plane.vault.newRevision(environment, sealed.value.text, by)
  const answer = await settled(plane, found.value, next, [...sealed.value.records, ...writes])
  if (!answer.ok) return answer
  const expect = [{ kind: 'head' as const, environment: environment.id, revision: draft.base, name: shortName(name) }]
  return ok({ ...answer.value, expect, answer: { ...answer.value.answer, revision: revision.number } })
}

/** Asks for the right to open an environment for a while. Whoever may approve and open there can grant it. */
export const requestAccess: UseCase<'requestAccess'> = async (plane, caller, { params, body }) => {
  const found = await findEnvironment(plane, params)
  if (!found.ok) return found
  const environment = found.value
  const time = plane.now()
  const draft = {
    id: idOf<'draft'>(randomUUID()),
    organisation: environment.organisation,
    environment: environment.id,
    kind: 'access' as const,
    state: 'open' as const,
    base: environment.head_revision,
    version: 1,
    description: '',
    author: caller.principal,
    created_at: time,
    changed_at: time,
  }
  const sealed = sealDraftText(plane, draft, JSON.stringify({ standsFor: body.standsFor, lastsFor: body.lastsFor }))
  return ok({
    answer: draftAnswer(draft, environment, caller.name),
    writes: [insert('drafts', { ...draft, sealed })],
    details: { draft: draft.id, standsFor: body.standsFor, lastsFor: body.lastsFor },
  })
}

interface Found {
  readonly draft: DraftRow
  readonly environment: EnvironmentRow
}

async function openDraft(plane: Plane, caller: Caller, id: string): Promise<Result<Found>> {
  const found = await findDraftById(plane, caller, id)
  if (!found.ok) return found
  const { state } = found.value.draft
  return state === 'open' || state === 'submitted' ? found : refuse('DRAFT_CLOSED', { draft: id, state })
}

function mayDecide(plane: Plane, caller: Caller, draft: DraftRow, environment: EnvironmentRow): Result<void> {
  if (draft.author === caller.principal) return ok(undefined)
  return requirePermission(plane, caller, 'write', environmentResource(nameOf(plane, environment)))
}

/** The draft in its next state. The text is sealed with its version, which stays. */
type DraftAnswer = ReturnType<typeof draftAnswer>

async function settled(
  plane: Plane,
  { draft, environment }: Found,
  set: Partial<Pick<DraftRow, 'state' | 'description' | 'changed_at'>>,
  writes: readonly Write[],
): Promise<Result<Omit<Outcome<DraftAnswer>, 'answer'> & { readonly answer: DraftAnswer }>> {
  const names = await authorNames(plane)
  return ok({
    answer: draftAnswer({ ...draft, ...set }, environment, names(draft.author)),
    writes: [...writes, update('drafts', draft, set)],
    details: { draft: draft.id, environment: `${environment.project}/${environment.name}`, base: draft.base },
  })
}

/** A role for opening just this environment, bound to who asked, until the time asked for is over. */
async function grantWrites(plane: Plane, caller: Caller, draft: DraftRow, environment: EnvironmentRow): Promise<Result<Write[]>> {
  const name = nameOf(plane, environment)
  if (!mayOn(plane, caller, 'open', name))
    return refuse('PERMISSION_DENIED', { principal: caller.name, permission: 'open', resource: `all of ${shortName(name)}` })
  const asked = JSON.parse(textOfDraft(plane, draft)) as { standsFor: number; lastsFor: number }
  const time = plane.now()
  if (draft.created_at + asked.standsFor * 1000 <= time) return refuse('DRAFT_CLOSED', { draft: draft.id, state: 'expired' })
  const role = `opens-${environment.id.slice(0, 8)}`
  const statements = [
    { effect: 'allow', permissions: ['read', 'open'], environments: [`${name.organisation}/${name.project}/${name.environment}`] },
  ]
  const existing = await plane.store.roles.get(plane.organisation.id, role)
  const fields = {
    organisation: plane.organisation.id,
    name: role,
    description: `opens ${shortName(name)}`,
    statements: JSON.stringify(statements),
    created_at: existing?.created_at ?? time,
  }
  const binding = {
    id: idOf<'binding'>(randomUUID()),
    organisation: plane.organisation.id,
    role,
    subject_kind: 'principal' as const,
    subject: draft.author,
    created_at: time,
    created_by: caller.principal,
    expires_at: time + asked.lastsFor * 1000,
  }
  return ok([existing ? update('roles', existing, fields) : insert('roles', fields), insert('bindings', binding)])
}
