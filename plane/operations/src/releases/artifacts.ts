import { ok } from '@headgate/model'
import { allowsSomewhere } from '@headgate/model/access'
import { type Result, refuse } from '@headgate/model'
import type { Caller, RunningPlane, UseCase } from '../plane.ts'

/** Which files of a manifest have to be uploaded. */
export const listMissingFiles: UseCase<'listMissingFiles'> = async (plane, caller, { body }) => {
  const allowed = mayDeploySomewhere(plane, caller)
  if (!allowed.ok) return allowed
  const missing = await plane.releases.artifacts.missing(body)
  return missing.ok ? ok({ answer: { missing: missing.value } }) : missing
}

/** Takes one file; its bytes are hashed as they arrive, and kept only if they are what the name says. */
export const putFile: UseCase<'putFile'> = async (plane, caller, { params, body }) => {
  const allowed = mayDeploySomewhere(plane, caller)
  if (!allowed.ok) return allowed
  const put = await plane.releases.artifacts.put(params.hash, body)
  return put.ok ? ok({ answer: { hash: params.hash } }) : put
}

/** Makes an artifact out of files the plane holds. */
export const assembleArtifact: UseCase<'assembleArtifact'> = async (plane, caller, { body }) => {
  const allowed = mayDeploySomewhere(plane, caller)
  if (!allowed.ok) return allowed
  const artifact = await plane.releases.artifacts.assemble(body)
  return artifact.ok
    ? ok({ answer: { artifact: artifact.value }, details: { artifact: artifact.value, entries: body.entries.length } })
    : artifact
}

/** Files have no target of their own, so whoever may deploy anything may bring some; a release is where rights are decided. */
function mayDeploySomewhere(plane: RunningPlane, caller: Caller): Result<void> {
  return allowsSomewhere('deploy', caller.held, plane.now())
    ? ok(undefined)
    : refuse('PERMISSION_DENIED', { principal: caller.name, permission: 'deploy', resource: `anything in ${plane.organisation.name}` })
}
