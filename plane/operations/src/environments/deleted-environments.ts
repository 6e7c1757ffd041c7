import { type EnvironmentName, ok, refuse, shortName } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import { type EnvironmentRow, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { findEnvironment, nameOf } from './find-revision.ts'

/** How long a deleted environment can be restored, in milliseconds. */
export const DELETED_KEPT = 30 * 24 * 60 * 60 * 1000

/** The deleted environments that can be restored, the last deleted first, as far as the caller may know of them. */
export const listDeletedEnvironments: UseCase<'listDeletedEnvironments'> = async (plane, caller) => {
  const rows = await plane.store.environments.list(plane.organisation.id, { deleted: 'only' })
  const visible = rows.filter((row) => decide('read', environmentResource(nameOf(plane, row)), caller.held, plane.now()) !== 'deny')
  const environments = visible.map((row) => ({
    ...nameOf(plane, row),
    revision: row.head_revision,
    created: row.created_at,
    deleted: deletedAt(row),
    purged: deletedAt(row) + DELETED_KEPT,
  }))
  return ok({ answer: { environments: environments.toSorted((a, b) => b.deleted - a.deleted) } })
}

/** Brings a deleted environment back with everything that belongs to it. Its name must be free. */
export const restoreEnvironment: UseCase<'restoreEnvironment'> = async (plane, _caller, { params, body }) => {
  const row = await findDeleted(plane, params, body.deleted)
  if (!row) return refuse('ENV_NOT_DELETED', { environment: shortName(params) })
  if ((await findEnvironment(plane, params)).ok) return refuse('ENV_EXISTS', { environment: shortName(params) })
  return ok({
    answer: { environment: shortName(params), revision: row.head_revision },
    writes: [update('environments', row, { deleted_at: null })],
    details: { revision: row.head_revision, deleted: deletedAt(row) },
  })
}

/** Several may have had the name; without a time it is the last. */
async function findDeleted(plane: Plane, name: EnvironmentName, at: number | undefined): Promise<EnvironmentRow | undefined> {
  if (name.organisation !== plane.organisation.name) return undefined
  const rows = await plane.store.environments.list(plane.organisation.id, { project: name.project, deleted: 'only' })
  return rows
    .filter((row) => row.name === name.environment && (at === undefined || deletedAt(row) === at))
    .toSorted((a, b) => deletedAt(b) - deletedAt(a))[0]
}

function deletedAt(row: EnvironmentRow): number {
  return row.deleted_at ?? 0
}
