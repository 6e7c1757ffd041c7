import { randomUUID } from 'node:crypto'
import { type Result, type Write, fullName, idOf, ok, refuse } from '@headgate/model'
import { OPENER_ROLE } from '@headgate/model/access'
import { type DraftRow, type EnvironmentRow, insert, update } from '@headgate/store'
import { rolesOfBindings } from '../access/held-roles.ts'
import { requireOwn } from '../access/own-rights.ts'
import { findEnvironment, nameOf } from '../environments/find-revision.ts'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { eventWrite } from './event-write.ts'
import { draftAnswer, findDraft, sealDraftText, textOfDraft } from './find-draft.ts'
import { newDraft } from './new-draft.ts'

/** Asks for the right to open an environment for a while. Whoever may approve and open there can grant it. */
export const requestAccess: UseCase<'requestAccess'> = async (plane, caller, { params, body }) => {
  const found = await findEnvironment(plane, params)
  if (!found.ok) return found
  const environment = found.value
  const draft = newDraft(plane, caller, environment, { kind: 'access' })
  const sealed = sealDraftText(plane, draft, JSON.stringify({ standsFor: body.standsFor, lastsFor: body.lastsFor }))
  return ok({
    answer: draftAnswer(draft, environment, caller.name),
    writes: [insert('drafts', { ...draft, sealed }), await eventWrite(plane, caller, draft, 'created')],
    details: { draft: draft.id, standsFor: body.standsFor, lastsFor: body.lastsFor },
  })
}

/** Asks for another time than before. Only whoever asked may, and not once it is decided. */
export const changeAccessRequest: UseCase<'changeAccessRequest'> = async (plane, caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const found = await findDraft(plane, params.draft, environment.value)
  if (!found.ok) return found
  const draft = found.value
  if (draft.kind !== 'access' || draft.author !== caller.principal) return refuse('DRAFT_NOT_FOUND', { draft: params.draft })
  if (draft.state === 'applied' || draft.state === 'closed') return refuse('DRAFT_CLOSED', { draft: draft.id, state: draft.state })
  const { standsFor, lastsFor } = body
  const next = { ...draft, version: draft.version + 1, changed_at: plane.now() }
  const sealed = sealDraftText(plane, next, JSON.stringify({ standsFor, lastsFor }))
  return ok({
    answer: draftAnswer(next, environment.value, caller.name),
    writes: [update('drafts', draft, { ...next, sealed }), await eventWrite(plane, caller, next, 'changed')],
    details: { draft: draft.id, version: next.version, standsFor, lastsFor },
  })
}

/** The right to open just this environment for who asked, until the time asked for is over; given as every role is. */
export async function grantWrites(plane: Plane, caller: Caller, draft: DraftRow, environment: EnvironmentRow): Promise<Result<Write[]>> {
  const asked = JSON.parse(textOfDraft(plane, draft)) as { standsFor: number; lastsFor: number }
  const time = plane.now()
  if (draft.created_at + asked.standsFor * 1000 <= time) return refuse('DRAFT_CLOSED', { draft: draft.id, state: 'expired' })
  const binding = {
    id: idOf<'binding'>(randomUUID()),
    organisation: plane.organisation.id,
    role: OPENER_ROLE,
    subject_kind: 'principal' as const,
    subject: draft.author,
    created_at: time,
    created_by: caller.principal,
    scope: JSON.stringify([fullName(nameOf(plane, environment))]),
    expires_at: time + asked.lastsFor * 1000,
  }
  const own = requireOwn(plane, caller, await rolesOfBindings(plane, [binding]))
  return own.ok ? ok([insert('bindings', binding)]) : own
}
