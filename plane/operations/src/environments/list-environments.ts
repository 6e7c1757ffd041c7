import type { Answer } from '@headgate/contract'
import { type PrincipalId, ok } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { EnvironmentRow } from '@headgate/store'
import type { RunningPlane, UseCase } from '../plane.ts'
import { authorNames } from './author-names.ts'
import { nameOf } from './find-revision.ts'
import { fileName } from './import-closure.ts'

type Details = NonNullable<Answer<'listEnvironments'>['environments'][number]['details']>

/** The environments the caller may know of: those they may read at least a part of. Texts stay sealed. */
export const listEnvironments: UseCase<'listEnvironments'> = async (plane, caller, { query }) => {
  const rows = await plane.store.environments.list(plane.organisation.id, query.project === undefined ? {} : { project: query.project })
  const visible = rows.filter((row) => decide('read', environmentResource(nameOf(plane, row)), caller.held, plane.now()) !== 'deny')
  const ends = await plane.store.revisions.ends(visible)
  const madeBy = (row: EnvironmentRow) => ends.get(row.id)?.madeBy
  const detailsOf = query.details === 'true' ? await detailsIn(plane, madeBy) : undefined
  const environments = visible.map((row) => ({
    id: row.id,
    ...nameOf(plane, row),
    revision: row.head_revision,
    created: row.created_at,
    changed: ends.get(row.id)?.changedAt ?? row.created_at,
    ...(detailsOf ? { details: detailsOf(row) } : {}),
  }))
  return ok({ answer: { environments } })
}

/** What is said of each environment, found out once for all of them. */
async function detailsIn(
  plane: RunningPlane,
  madeBy: (row: EnvironmentRow) => PrincipalId | undefined,
): Promise<(row: EnvironmentRow) => Details> {
  const { environmentSettings, environmentOwners, labels: labelStore } = plane.store
  const [settings, owners, labels, importers, nameOfPrincipal] = await Promise.all([
    environmentSettings.all(),
    environmentOwners.all(),
    labelStore.all(),
    countImporters(plane),
    authorNames(plane),
  ])
  const protectedOnes = new Set(settings.filter((row) => row.deletion_protected === 1).map(({ environment }) => environment))
  const ownerOf = new Map(owners.map(({ environment, owner }) => [environment, owner]))
  const labelsOf = Map.groupBy(labels, ({ environment }) => environment)
  return (row) => {
    const owner = ownerOf.get(row.id) ?? madeBy(row)
    return {
      owner: owner === undefined ? '' : nameOfPrincipal(owner),
      deletionProtected: protectedOnes.has(row.id),
      labels: Object.fromEntries((labelsOf.get(row.id) ?? []).map(({ name, value }) => [name, value])),
      importers: importers.get(fileName(row)) ?? 0,
    }
  }
}

/** How many environments import each, by its name: of all environments, also of those the caller may not know of. */
async function countImporters(plane: RunningPlane): Promise<Map<string, number>> {
  const importers = new Map<string, number>()
  for (const row of await plane.store.environments.list(plane.organisation.id)) {
    for (const name of await plane.kept.imports.get(plane, row)) importers.set(name, (importers.get(name) ?? 0) + 1)
  }
  return importers
}
