import { ok, refuse, shortName } from '@headgate/model'
import { update } from '@headgate/store'
import type { UseCase } from '../plane.ts'
import { findEnvironment } from './find-revision.ts'
import { importersOf } from './import-closure.ts'
import { refuseProtected } from './environment-settings.ts'

/** Deletes an environment so that it can be restored: its revisions stay, its name is free again. */
export const deleteEnvironment: UseCase<'deleteEnvironment'> = async (plane, _caller, { params, query }) => {
  const found = await findEnvironment(plane, params)
  if (!found.ok) return found
  const environment = found.value
  const refused = await refuseProtected(plane, environment)
  if (refused) return refused
  const importers = query.force === 'true' ? [] : await importersOf(plane, environment)
  if (importers.length > 0)
    return refuse('ENV_IMPORTED', { environment: shortName(params), importers: importers.map(shortName).join(', ') })
  return ok({
    answer: { environment: shortName(params), revision: environment.head_revision },
    expect: [{ kind: 'head', environment: environment.id, revision: environment.head_revision, name: shortName(params) }],
    writes: [update('environments', environment, { deleted_at: plane.now() })],
    details: { revision: environment.head_revision },
  })
}
