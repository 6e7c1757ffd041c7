import { type Result, idOf, ok, refuse } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { DraftRow, EnvironmentRow } from '@headgate/store'
import { nameOf } from '../environments/find-revision.ts'
import type { Caller, Plane } from '../plane.ts'

/** A draft of one environment. */
export async function findDraft(plane: Plane, id: string, environment: EnvironmentRow): Promise<Result<DraftRow>> {
  const row = await plane.store.drafts.get(idOf<'draft'>(id))
  return row?.environment === environment.id ? ok(row) : refuse('DRAFT_NOT_FOUND', { draft: id })
}

/** A draft by its id alone, with its environment; one the caller may not know of is not found. */
export async function findDraftById(
  plane: Plane,
  caller: Caller,
  id: string,
): Promise<Result<{ readonly draft: DraftRow; readonly environment: EnvironmentRow }>> {
  const draft = await plane.store.drafts.get(idOf<'draft'>(id))
  const environment = draft && (await plane.store.environments.get(draft.environment))
  const missing = refuse('DRAFT_NOT_FOUND', { draft: id })
  if (!draft || !environment || environment.organisation !== plane.organisation.id || environment.deleted_at !== null) return missing
  const resource = environmentResource(nameOf(plane, environment))
  return decide('read', resource, caller.held, plane.now()) === 'deny' ? missing : ok({ draft, environment })
}

/** The text of a draft, secrets sealed; of a request for access, what is asked for as JSON. */
export function textOfDraft(plane: Plane, draft: DraftRow): string {
  return Buffer.from(plane.vault.openDocument(draft.organisation, 'draft', sealedAs(draft), draft.sealed)).toString('utf8')
}

export function sealDraftText(plane: Plane, draft: Pick<DraftRow, 'id' | 'version'>, text: string): Uint8Array {
  return plane.vault.sealDocument(plane.organisation.id, 'draft', sealedAs(draft), Buffer.from(text))
}

/** The version is part of it: an older text of the same draft cannot be put back in its place. */
function sealedAs({ id, version }: Pick<DraftRow, 'id' | 'version'>): string {
  return `${id}@${version}`
}

/** A draft as every route about drafts shows it. */
export function draftAnswer(draft: Omit<DraftRow, 'change' | 'mac' | 'sealed'>, environment: EnvironmentRow, author: string) {
  const { id, kind, state, base, version, description } = draft
  const called = `${environment.project}/${environment.name}`
  const times = { created: draft.created_at, changed: draft.changed_at }
  return { draft: id as string, environment: called, kind, state, base, version, description, author, ...times }
}
