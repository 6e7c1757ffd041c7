import { carryStates, changedStates } from '@headgate/lang'
import { type Diagnostic, type EnvironmentName, type Result, type Write, ok, problemOf, refuse, shortName } from '@headgate/model'
import { environmentResource, renderResource } from '@headgate/model/access'
import { type DraftRow, type EnvironmentRow, type RotationRow, remove, update } from '@headgate/store'
import { sealDraftText, textOfDraft } from '../drafts/find-draft.ts'
import { nameOf } from '../environments/find-revision.ts'
import { textOf } from '../environments/import-closure.ts'
import type { Plane } from '../plane.ts'
import { messagesOf } from '../webhooks/messages.ts'
import type { PathOutcome } from './rotation-journal.ts'

/** How often it is tried again when the environment is saved in between. */
const TRIES = 20

/** What is said of a rotator that was asked before the plane stopped. */
const UNHEARD = 'the plane stopped before the rotator answered; what it replaced outside is not known here'

export interface Settled {
  readonly row: RotationRow
  /** What could not be brought into a revision, for whoever asked. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Ends a rotation: the new states in its draft become the next revision of the environment, laid over whatever the newest
 * text is by then. What has no place there any more stays in the draft, which then waits for somebody to decide; without
 * such a rest the draft goes. Whoever runs it twice, or beside another, does it once: the draft is the fence.
 *
 * Nothing is checked but the places: the old secrets are gone outside, so no new state may be lost to a mistake elsewhere.
 *
 * @param ended what became of each path; absent where the plane stopped meanwhile
 */
export async function settleRotation(
  plane: Plane,
  rotation: string,
  by: { readonly name: string },
  ended?: readonly PathOutcome[],
): Promise<Result<Settled>> {
  for (let attempt = 1; ; attempt++) {
    const [draft, row] = await Promise.all([plane.store.drafts.get(rotation as DraftRow['id']), plane.store.rotations.get(rotation)])
    if (!row) return refuse('DRAFT_NOT_FOUND', { draft: rotation })
    // Another node has done it.
    if (draft?.state !== 'open') return ok({ row, diagnostics: [] })
    const step = await settling(plane, draft, row, by, ended)
    const committed = await plane.changes.commit({ ...step.change, whenFull: 'all' })
    if (committed.ok) return ok(step.settled)
    if (attempt === TRIES) return committed
  }
}

async function settling(
  plane: Plane,
  draft: DraftRow,
  row: RotationRow,
  by: { readonly name: string },
  ended: readonly PathOutcome[] | undefined,
) {
  const environment = (await plane.store.environments.get(draft.environment)) as EnvironmentRow
  const name = nameOf(plane, environment)
  const known = JSON.parse(row.outcome) as PathOutcome[]
  const { text, left, rotated } = await laidOver(plane, draft, environment)
  const time = plane.now()
  const laid = rotated.length > left.length
  const made = laid ? plane.vault.newRevision(environment, text, { author: row.author, time }) : undefined
  const message = keptMessage(name, environment, draft)
  const outcome = known.map(({ path, status }): PathOutcome => {
    if (left.includes(path)) return { path, status: 'kept', message: message(path).message }
    if (status === 'succeeded' || rotated.includes(path)) return { path, status: 'succeeded' }
    return (
      ended?.find((each) => each.path === path) ??
      (ended ? { path, status: 'not-evaluated' } : { path, status: 'failed', message: UNHEARD })
    )
  })
  const complete = outcome.every(({ status }) => status === 'succeeded' || status === 'not-evaluated')
  const settled: RotationRow = {
    ...row,
    ended_at: time,
    status: complete ? 'succeeded' : 'failed',
    after: made?.revision.number ?? null,
    outcome: JSON.stringify(outcome),
  }
  const after = left.length > 0 ? update('drafts', draft, await waiting(plane, draft, environment, left)) : remove('drafts', draft)
  const writes: Write[] = [...(made?.writes ?? []), update('rotations', row, settled), after]
  const details = { rotation: row.id, before: row.before, after: settled.after, kept: left, recovered: ended === undefined }
  const audit = {
    time,
    organisation: plane.organisation.id,
    actor: row.author,
    actorName: by.name,
    action: 'environment.rotate.settle',
    resource: renderResource(environmentResource(name)),
    outcome: 'ok' as const,
    details,
  }
  const expect = [{ kind: 'head' as const, environment: environment.id, revision: environment.head_revision, name: shortName(name) }]
  const change = { expect, writes: [...writes, ...(await messagesOf(plane, by, writes))], audit }
  return { change, settled: { row: settled, diagnostics: left.map((path) => diagnosticOf(path, message(path))) } }
}

interface LaidOver {
  readonly text: string
  /** The rotators whose new state is in the draft, and those among them that have no place in the newest text. */
  readonly rotated: readonly string[]
  readonly left: readonly string[]
}

/** The newest text with the new states of a draft; the draft's own where nobody saved since. */
async function laidOver(plane: Plane, draft: DraftRow, environment: EnvironmentRow): Promise<LaidOver> {
  const drafted = textOfDraft(plane, draft)
  const rotated = changedStates(await textAt(plane, environment, draft.base), drafted)
  if (environment.deleted_at !== null) return { text: '', rotated, left: rotated }
  if (environment.head_revision === draft.base) return { text: drafted, rotated, left: [] }
  return { rotated, ...carryStates(drafted, await textAt(plane, environment, environment.head_revision), rotated) }
}

async function textAt(plane: Plane, environment: EnvironmentRow, number: number): Promise<string> {
  const revision = await plane.store.revisions.get(environment.id, number)
  return revision ? textOf(plane, environment, revision) : ''
}

/** The newest text with the states a rotation could not place; refused while one of them still has no place. */
export async function statesLaidOver(plane: Plane, draft: DraftRow, environment: EnvironmentRow): Promise<Result<string>> {
  const { text, left } = await laidOver(plane, draft, environment)
  const [path] = left
  if (path === undefined) return ok(text)
  const { details } = keptMessage(nameOf(plane, environment), environment, draft)(path)
  return refuse('ROTATE_KEPT', details)
}

function keptMessage(name: EnvironmentName, { head_revision: revision }: EnvironmentRow, { id }: DraftRow) {
  return (path: string) => problemOf('ROTATE_KEPT', { path, environment: shortName(name), revision, draft: id })
}

function diagnosticOf(path: string, { message, hint = '' }: ReturnType<typeof problemOf>): Diagnostic {
  return { severity: 'warning', code: 'ROTATE_KEPT', message, hint, path }
}

/** A draft that nothing looks after any more, with the states that have no place alone: somebody decides what becomes of it. */
async function waiting(plane: Plane, draft: DraftRow, environment: EnvironmentRow, left: readonly string[]): Promise<Partial<DraftRow>> {
  const when = new Date(draft.created_at).toISOString()
  const next = { id: draft.id, version: draft.version + 1 }
  const { text } = carryStates(textOfDraft(plane, draft), await textAt(plane, environment, draft.base), left)
  return {
    state: 'submitted',
    version: next.version,
    changed_at: plane.now(),
    description: `rotated at ${when} and in no revision: ${left.join(', ')}`,
    sealed: sealDraftText(plane, next, text),
  }
}

/** Ends the rotations of planes that stopped: those that are under way by their draft, and by nobody's lease. */
export async function settleAbandoned(plane: Plane, drafts: readonly DraftRow[]): Promise<void> {
  for (const draft of drafts) {
    if (draft.kind !== 'rotation' || draft.state !== 'open') continue
    const author = await plane.store.principals.get(draft.author)
    await settleRotation(plane, draft.id, { name: author?.name ?? 'plane' })
  }
}
