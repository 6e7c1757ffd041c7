import { type EnvironmentName, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { update } from '@headgate/store'
import { requirePermission } from '../access/authorise.ts'
import type { UseCase } from '../plane.ts'
import { refuseProtected } from './environment-settings.ts'
import { findEnvironment } from './find-revision.ts'
import { importersOf } from './import-closure.ts'
import { draftEnvironment, projectWrites } from './new-environment.ts'

/** Gives an environment another name. Revisions, secrets and tags belong to its id and stay as they are. */
export const renameEnvironment: UseCase<'renameEnvironment'> = async (plane, caller, { params, query, body }) => {
  const found = await findEnvironment(plane, params)
  if (!found.ok) return found
  const environment = found.value
  const refused = await refuseProtected(plane, environment)
  if (refused) return refused
  const name: EnvironmentName = { ...params, project: body.project ?? params.project, environment: body.environment }
  const allowed = requirePermission(plane, caller, 'write', environmentResource(name))
  if (!allowed.ok) return allowed
  const free = await draftEnvironment(plane, name)
  if (!free.ok) return free
  const importers = query.force === 'true' ? [] : await importersOf(plane, environment)
  if (importers.length > 0)
    return refuse('ENV_IMPORTED', { environment: shortName(params), importers: importers.map(shortName).join(', ') })
  return ok({
    answer: { environment: shortName(name), before: shortName(params) },
    expect: [{ kind: 'head', environment: environment.id, revision: environment.head_revision, name: shortName(params) }],
    writes: [
      ...(await projectWrites(plane, [name.project])),
      update('environments', environment, { project: name.project, name: name.environment }),
    ],
    details: { before: shortName(params), after: shortName(name) },
  })
}
