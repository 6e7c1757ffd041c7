import { unsealSecrets } from '@headgate/lang'
import { HeadgateError, ok, refuse, shortName } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { UseCase } from '../plane.ts'
import { openHandle } from './environment-host.ts'
import { findRevision } from './find-revision.ts'
import { fileName, textOf } from './import-closure.ts'

/** The text of a revision for an editor. It needs the right on the whole environment, because a text is not cut. */
export const unsealEnvironment: UseCase<'unsealEnvironment'> = async (plane, caller, { params, query }) => {
  const found = await findRevision(plane, params, query.version)
  if (!found.ok) return found
  const { environment, revision, name } = found.value
  if (decide('open', environmentResource(name), caller.held, plane.now()) !== 'allow') {
    return refuse('PERMISSION_DENIED', { principal: caller.name, permission: 'open', resource: `all of ${shortName(name)}` })
  }
  const unsealed = await unsealSecrets(fileName(environment), textOf(plane, environment, revision), async (handle) => {
    const secret = await openHandle(plane, environment, handle)
    if (!secret) throw new HeadgateError('HANDLE_INVALID', { path: shortName(name) })
    return secret
  })
  if (unsealed.text === undefined)
    return refuse('OPEN_FAILED', { environment: shortName(params), count: 'its text cannot be unsealed' }, unsealed.diagnostics)
  return ok({
    answer: { environment: shortName(params), revision: revision.number, text: unsealed.text },
    details: { revision: revision.number },
  })
}
