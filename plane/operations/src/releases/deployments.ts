import { type DeploymentId, type EnvironmentName, idOf, ok } from '@headgate/model'
import { requireRelease } from '../access/import-right.ts'
import type { UseCase } from '../plane.ts'
import { actorOf, targetOf } from './target.ts'

/** The steps that would bring a release live, each with its inverse; without a release, those that would stop the target. */
export const planDeployment: UseCase<'planDeployment'> = async (plane, _caller, { params, body }) => {
  const target = targetOf(params)
  const release = body.release === undefined ? undefined : await plane.releases.find(target, body.release)
  if (release && !release.ok) return release
  const planned = await plane.releases.plan({ target, ...(release ? { release: release.value.id } : {}) })
  if (!planned.ok) return planned
  const steps = planned.value.steps.map(({ key, text, inverse }) => ({ key, text, inverse }))
  return ok({ answer: { steps, notes: [...planned.value.notes] } })
}

/** Brings a release live. The answer comes when the run is in the journal; watching it is another route. */
export const createDeployment: UseCase<'createDeployment'> = async (plane, caller, { params, body }) => {
  const release = await plane.releases.find(targetOf(params), body.release)
  if (!release.ok) return release
  // A release somebody else froze brings its configuration along.
  for (const { environment } of release.value.content.configuration.revisions) {
    const allowed = requireRelease(plane, caller, environmentNamed(environment))
    if (!allowed.ok) return allowed
  }
  const deployment = await plane.releases.deploy({ release: release.value.id, by: actorOf(caller) })
  return deployment.ok
    ? ok({ answer: deployment.value, details: { deployment: deployment.value.id, release: release.value.id } })
    : deployment
}

/** Brings an earlier release live again, code and configuration together. */
export const rollBack: UseCase<'rollBack'> = async (plane, caller, { params, body }) => {
  const deployment = await plane.releases.rollback({ target: targetOf(params), to: body.to, by: actorOf(caller) })
  return deployment.ok ? ok({ answer: deployment.value, details: { deployment: deployment.value.id, to: body.to } }) : deployment
}

/** Drains and stops everything of a target. */
export const stopTarget: UseCase<'stopTarget'> = async (plane, caller, { params }) => {
  const deployment = await plane.releases.stop({ target: targetOf(params), by: actorOf(caller) })
  return deployment.ok ? ok({ answer: deployment.value, details: { deployment: deployment.value.id } }) : deployment
}

/** Sends a running deployment back to what was live. */
export const abortDeployment: UseCase<'abortDeployment'> = async (plane, caller, { params, body }) => {
  const id: DeploymentId = idOf<'deployment'>(params.deployment)
  const shown = await plane.releases.show(id)
  if (!shown.ok) return shown
  const deployment = await plane.releases.abort({
    deployment: id,
    by: actorOf(caller),
    ...(body.reason === undefined ? {} : { reason: body.reason }),
  })
  return deployment.ok ? ok({ answer: deployment.value, details: { deployment: id, reason: body.reason ?? null } }) : deployment
}

/** The names of a frozen environment, which stand as `organisation/project/environment`. */
function environmentNamed(text: string): EnvironmentName {
  const [organisation = '', project = '', environment = ''] = text.split('/')
  return { organisation, project, environment }
}
