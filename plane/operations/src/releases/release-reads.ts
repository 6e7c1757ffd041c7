import { idOf, ok } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { UseCase } from '../plane.ts'
import { targetOf } from './target.ts'

const PAGE = 50

/** Where releases went, as far as the caller may know of it. */
export const listTargets: UseCase<'listTargets'> = async (plane, caller) => {
  const organisation = plane.organisation.name
  const targets = (await plane.releases.targets()).map((target) => ({ organisation, ...target }))
  return ok({
    answer: { targets: targets.filter((target) => decide('read', environmentResource(target), caller.held, plane.now()) !== 'deny') },
  })
}

export const listReleases: UseCase<'listReleases'> = async (plane, _caller, { params, query }) =>
  ok({ answer: { releases: [...(await plane.releases.list(targetOf(params), { limit: query.limit ?? PAGE }))] } })

export const readRelease: UseCase<'readRelease'> = async (plane, _caller, { params }) => {
  const release = await plane.releases.find(targetOf(params), params.release)
  return release.ok ? ok({ answer: release.value }) : release
}

export const listDeployments: UseCase<'listDeployments'> = async (plane, _caller, { params, query }) =>
  ok({ answer: { deployments: [...(await plane.releases.deployments(targetOf(params), { limit: query.limit ?? PAGE }))] } })

/** What happened in a deployment and what happens, until it ends. */
export const watchDeployment: UseCase<'watchDeployment'> = async (plane, _caller, { params }) => {
  const id = idOf<'deployment'>(params.deployment)
  const shown = await plane.releases.show(id)
  // The stream travels as lines; its shape is one line's.
  return shown.ok ? ok({ answer: plane.releases.events(id) as never }) : shown
}

/** What runs and where traffic goes, freshly observed. */
export const readStatus: UseCase<'readStatus'> = async (plane, _caller, { params }) => {
  const status = await plane.releases.status(targetOf(params))
  if (!status.ok) return status
  const url = plane.routerUrl()
  return ok({
    answer: { ...status.value, target: params, router: { serving: url !== undefined, ...(url === undefined ? {} : { url }) } } as never,
  })
}

/** What instances printed; it may hold anything a program prints, so it needs the right to deploy there. */
export const readLogs: UseCase<'readLogs'> = async (plane, _caller, { params, query }) => {
  const { service, instance, tail, follow } = query
  const lines = plane.releases.logs({
    target: targetOf(params),
    follow: follow === 'true',
    ...(service === undefined ? {} : { service }),
    ...(instance === undefined ? {} : { instance }),
    ...(tail === undefined ? {} : { tail }),
  })
  return ok({ answer: lines as never, details: { service: service ?? null } })
}
