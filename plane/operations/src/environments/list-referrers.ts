import { importsOf, load } from '@headgate/lang'
import { type EnvironmentName, LATEST_TAG, ok, parseEnvironmentReference } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { EnvironmentRow, RevisionRow } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { findEnvironment, nameOf } from './find-revision.ts'
import { fileName, textOf } from './import-closure.ts'

/** Revisions looked at of one environment when all of them are asked for. */
const HISTORY = 1_000

/** Which environments import this one, and by which revision or tag; those the caller may not know of are left out. */
export const listReferrers: UseCase<'listReferrers'> = async (plane, caller, { params, query }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const rows = await plane.store.environments.list(plane.organisation.id, {})
  const visible = rows.filter(
    (row) =>
      row.id !== environment.value.id && decide('read', environmentResource(nameOf(plane, row)), caller.held, plane.now()) !== 'deny',
  )
  const referrers = await Promise.all(
    visible.map(async (row) => {
      const revisions = await plane.store.revisions.list(row.id, { limit: query.all === 'true' ? HISTORY : 1 })
      return revisions.flatMap((revision) =>
        versionsNamed(plane, row, revision, params).map((version) => ({
          version,
          project: row.project,
          environment: row.name,
          revision: revision.number,
        })),
      )
    }),
  )
  return ok({ answer: { referrers: referrers.flat() } })
}

/** The versions of an environment that a revision of another names in its imports, each once. */
function versionsNamed(plane: Plane, row: EnvironmentRow, revision: RevisionRow, imported: EnvironmentName): string[] {
  const { document } = load(fileName(row), textOf(plane, row, revision))
  const versions = (document ? importsOf(document) : []).flatMap(({ name }) => {
    const reference = parseEnvironmentReference(name, { organisation: plane.organisation.name })
    if (!reference.ok) return []
    const { project, environment, version } = reference.value
    return project === imported.project && environment === imported.environment ? [String(version ?? LATEST_TAG)] : []
  })
  return [...new Set(versions)]
}
