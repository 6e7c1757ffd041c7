import { type EnvironmentName, type Result, type Write, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { type EnvironmentRow, type Fields, type RevisionRow, insert } from '@headgate/store'
import { mayOn, requirePermission } from '../access/authorise.ts'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { type FoundRevision, findRevision } from './find-revision.ts'
import { textOf } from './import-closure.ts'
import { draftEnvironment, projectWrites } from './new-environment.ts'
import { resealing } from './reseal-text.ts'

/** Revisions a clone takes along at most: it is written as one Change. */
const HISTORY = 10_000

/**
 * Copies an environment. The copy begins with the text it was made of as its first revision, or with the whole history;
 * its secrets are sealed anew, so the two have nothing in common afterwards.
 */
export const cloneEnvironment: UseCase<'cloneEnvironment'> = async (plane, caller, { params, body }) => {
  const found = await findRevision(plane, params, body.version)
  if (!found.ok) return found
  const target: EnvironmentName = { ...params, project: body.project ?? params.project, environment: body.environment }
  if (!mayOn(plane, caller, 'open', params))
    return refuse('PERMISSION_DENIED', { principal: caller.name, permission: 'open', resource: `all of ${shortName(params)}` })
  const allowed = requirePermission(plane, caller, 'write', environmentResource(target))
  if (!allowed.ok) return allowed
  const draft = await draftEnvironment(plane, target)
  if (!draft.ok) return draft
  const source = found.value.environment
  const copied = await copyRevisions(plane, caller, found.value, draft.value, body.history === true)
  if (!copied.ok) return copied
  const { revisions, records } = copied.value
  const head = revisions.at(-1) as Fields<RevisionRow>
  return ok({
    answer: { environment: shortName(target), revision: head.number },
    writes: [
      ...(await projectWrites(plane, [target.project])),
      insert('environments', { ...draft.value, head_revision: head.number, head_hash: head.hash }),
      ...revisions.map((revision) => insert('revisions', revision)),
      ...records,
      ...(body.history && body.tags ? await copyTags(plane, source, draft.value) : []),
      ...(body.labels ? await copyLabels(plane, source, draft.value) : []),
    ],
    details: { source: shortName(params), revisions: revisions.length, sealed: records.length },
  })
}

interface Copied {
  readonly revisions: readonly Fields<RevisionRow>[]
  readonly records: readonly Write[]
}

async function copyRevisions(
  plane: Plane,
  caller: Caller,
  { environment, revision }: FoundRevision,
  target: Fields<EnvironmentRow>,
  history: boolean,
): Promise<Result<Copied>> {
  const newest = history ? await plane.store.revisions.list(environment.id, { limit: HISTORY, before: revision.number + 1 }) : [revision]
  const { text, records } = resealing(plane, environment, target)
  const revisions: Fields<RevisionRow>[] = []
  for (const each of newest.toReversed()) {
    const by = history ? { author: each.author, time: each.created_at } : { author: caller.principal, time: plane.now() }
    const previous = revisions.at(-1)
    const base = { ...target, head_revision: previous?.number ?? 0, head_hash: previous?.hash ?? null }
    // Of its writes only the revision is used: the environment's row is written once, with the last of them as its head.
    const row = { ...base, change: 0, mac: new Uint8Array() }
    revisions.push(plane.vault.newRevision(row, await text(textOf(plane, environment, each)), by).revision)
  }
  return ok({ revisions, records })
}

async function copyTags(plane: Plane, source: EnvironmentRow, target: Fields<EnvironmentRow>): Promise<Write[]> {
  const rows = await plane.store.tags.list(source.id)
  return rows.map(({ name, revision, author, moved_at }) => insert('tags', { environment: target.id, name, revision, author, moved_at }))
}

async function copyLabels(plane: Plane, source: EnvironmentRow, target: Fields<EnvironmentRow>): Promise<Write[]> {
  const rows = await plane.store.labels.list(source.id)
  return rows.map(({ change: _, mac: __, ...row }) => insert('labels', { ...row, environment: target.id }))
}
