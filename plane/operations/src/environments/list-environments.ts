import type { Answer } from '@headgate/contract'
import { ok } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { EnvironmentRow } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { authorNames } from './author-names.ts'
import { nameOf } from './find-revision.ts'
import { importsOfRevision } from './import-closure.ts'

type Details = NonNullable<Answer<'listEnvironments'>['environments'][number]['details']>

/** The environments the caller may know of: those they may read at least a part of. */
export const listEnvironments: UseCase<'listEnvironments'> = async (plane, caller, { query }) => {
  const rows = await plane.store.environments.list(plane.organisation.id, query.project === undefined ? {} : { project: query.project })
  const visible = rows.filter((row) => decide('read', environmentResource(nameOf(plane, row)), caller.held, plane.now()) !== 'deny')
  const detailsOf = query.details === 'true' ? await detailsIn(plane) : undefined
  const environments = await Promise.all(
    visible.map(async (row) => {
      const head = await plane.store.revisions.get(row.id, row.head_revision)
      return {
        id: row.id,
        ...nameOf(plane, row),
        revision: row.head_revision,
        created: row.created_at,
        changed: head?.created_at ?? row.created_at,
        ...(detailsOf ? { details: await detailsOf(row) } : {}),
      }
    }),
  )
  return ok({ answer: { environments } })
}

/** Who imports whom is found out once for all of them. */
async function detailsIn(plane: Plane): Promise<(row: EnvironmentRow) => Promise<Details>> {
  const importers = new Map<string, number>()
  for (const row of await plane.store.environments.list(plane.organisation.id, {})) {
    const head = await plane.store.revisions.get(row.id, row.head_revision)
    const imported = new Set((head ? await importsOfRevision(plane, row, head) : []).map(({ environment }) => environment.id))
    for (const id of imported) importers.set(id, (importers.get(id) ?? 0) + 1)
  }
  const authorOf = await authorNames(plane)
  return async ({ id }) => {
    const [first, settings, labels] = await Promise.all([
      plane.store.revisions.get(id, 1),
      plane.store.environmentSettings.get(id),
      plane.store.labels.list(id),
    ])
    return {
      owner: first ? authorOf(first.author) : '',
      deletionProtected: settings?.deletion_protected === 1,
      labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
      importers: importers.get(id) ?? 0,
    }
  }
}
