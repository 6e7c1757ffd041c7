import type { Answer } from '@headgate/contract'
import { type Expectation, type Result, type Write, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { requirePermission } from '../access/authorise.ts'
import { nameOf } from '../environments/find-revision.ts'
import { sealDocument } from '../environments/seal-document.ts'
import type { Caller, Outcome, Plane, UseCase } from '../plane.ts'
import { statesLaidOver } from '../rotation/settle-rotation.ts'
import { grantWrites } from './access-requests.ts'
import { approvalsOf } from './approvals.ts'
import { textOfDraft } from './find-draft.ts'
import { type FoundDraft, happened, openDraft } from './open-draft.ts'

/**
 * Makes the text of a draft the next revision, if the environment is still where the draft began; or grants what it asks
 * for. Whoever may approve approves by it; whoever may only write needs the approval of somebody who may.
 */
export const applyDraft: UseCase<'applyDraft'> = async (plane, caller, { params }) => {
  const found = await openDraft(plane, caller, params.draft)
  if (!found.ok) return found
  const allowed = await mayApply(plane, caller, found.value)
  if (!allowed.ok) return allowed
  const { draft, environment } = found.value
  if (draft.kind === 'access') {
    const granted = await grantWrites(plane, caller, draft, environment)
    return granted.ok ? applied(plane, caller, found.value, environment.head_revision, granted.value) : granted
  }
  const made = draft.kind === 'rotation' ? await layStates(plane, found.value) : await sealText(plane, caller, found.value)
  if (!made.ok) return made
  const name = shortName(nameOf(plane, environment))
  const expect: Expectation[] = [{ kind: 'head', environment: environment.id, revision: environment.head_revision, name }]
  const done = await applied(plane, caller, found.value, made.value.revision, made.value.writes)
  return done.ok ? ok({ ...done.value, expect }) : done
}

async function mayApply(plane: Plane, caller: Caller, { draft, environment }: FoundDraft): Promise<Result<void>> {
  const resource = environmentResource(nameOf(plane, environment))
  const approve = requirePermission(plane, caller, 'approve', resource)
  // Access is given by whoever holds it; a text may be approved by one and written by another.
  if (draft.kind === 'access') return approve.ok ? requirePermission(plane, caller, 'open', resource) : approve
  const write = requirePermission(plane, caller, 'write', resource)
  if (!write.ok || approve.ok) return write
  return (await approvalsOf(plane, draft, environment)).length > 0 ? ok(undefined) : approve
}

interface Made {
  readonly revision: number
  readonly writes: readonly Write[]
}

async function sealText(plane: Plane, caller: Caller, { draft, environment }: FoundDraft): Promise<Result<Made>> {
  const name = shortName(nameOf(plane, environment))
  if (draft.base !== environment.head_revision)
    return refuse('REVISION_CONFLICT', { environment: name, expected: draft.base, actual: environment.head_revision })
  // What it imports may have changed since, and a right of the one who applies it decides about handles in it.
  const sealed = await sealDocument(plane, caller, environment, textOfDraft(plane, draft))
  if (!sealed.ok) return sealed
  const { revision, writes } = plane.vault.newRevision(environment, sealed.value.text, { author: draft.author, time: plane.now() })
  return ok({ revision: revision.number, writes: [...sealed.value.records, ...writes] })
}

/** Brings the states that a rotation could not place into the newest text, if it has the rotators again. */
async function layStates(plane: Plane, { draft, environment }: FoundDraft): Promise<Result<Made>> {
  const laid = await statesLaidOver(plane, draft, environment)
  if (!laid.ok) return laid
  const { revision, writes } = plane.vault.newRevision(environment, laid.value, { author: draft.author, time: plane.now() })
  return ok({ revision: revision.number, writes })
}

async function applied(
  plane: Plane,
  caller: Caller,
  found: FoundDraft,
  revision: number,
  writes: readonly Write[],
): Promise<Result<Outcome<Answer<'applyDraft'>>>> {
  const done = await happened(plane, caller, found, { kind: 'applied', set: { state: 'applied' }, writes })
  return done.ok ? ok({ ...done.value, answer: { ...done.value.answer, revision } }) : done
}
