import type { Answer } from '@headgate/contract'
import { type Result, type Write, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { type DraftEventRow, type DraftRow, type EnvironmentRow, update } from '@headgate/store'
import { requirePermission } from '../access/authorise.ts'
import { authorNames } from '../environments/author-names.ts'
import { nameOf } from '../environments/find-revision.ts'
import type { Caller, Outcome, Plane } from '../plane.ts'
import { eventWrite } from './event-write.ts'
import { draftAnswer, findDraftById } from './find-draft.ts'

export interface FoundDraft {
  readonly draft: DraftRow
  readonly environment: EnvironmentRow
}

/** A draft about which something can still be decided. */
export async function openDraft(plane: Plane, caller: Caller, id: string): Promise<Result<FoundDraft>> {
  const found = await findDraftById(plane, caller, id)
  if (!found.ok) return found
  const { kind, state } = found.value.draft
  // The journal of a rotation that is under way is nobody's to decide about.
  if (kind === 'rotation' && state === 'open')
    return refuse('ROTATE_UNDER_WAY', { environment: shortName(nameOf(plane, found.value.environment)) })
  return state === 'open' || state === 'submitted' ? found : refuse('DRAFT_CLOSED', { draft: id, state })
}

/** Whether somebody may decide about a draft: its author, and whoever may write there. */
export function mayDecide(plane: Plane, caller: Caller, { draft, environment }: FoundDraft): Result<void> {
  if (draft.author === caller.principal) return ok(undefined)
  return requirePermission(plane, caller, 'write', environmentResource(nameOf(plane, environment)))
}

/** What happened to a draft, and what somebody said about it. */
export interface Happened {
  readonly kind: DraftEventRow['kind']
  readonly comment?: string | undefined
  readonly set?: Partial<Pick<DraftRow, 'state' | 'description'>>
  /** What else is written with it. */
  readonly writes?: readonly Write[]
}

/** The draft after something happened to it. Its row is written each time, so that two decisions at once are a conflict. */
export async function happened(
  plane: Plane,
  caller: Caller,
  { draft, environment }: FoundDraft,
  { kind, comment = '', set = {}, writes = [] }: Happened,
): Promise<Result<Omit<Outcome<unknown>, 'answer'> & { readonly answer: Answer<'submitDraft'> }>> {
  const next = { ...set, changed_at: plane.now() }
  const names = await authorNames(plane)
  return ok({
    answer: draftAnswer({ ...draft, ...next }, environment, names(draft.author)),
    writes: [...writes, update('drafts', draft, next), await eventWrite(plane, caller, draft, kind, comment)],
    details: { draft: draft.id, environment: `${environment.project}/${environment.name}`, base: draft.base, version: draft.version },
  })
}
