import { type Result, ok, refuse, shortName } from '@headgate/model'
import { type EnvironmentRow, insert, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { findEnvironment, nameOf } from './find-revision.ts'

/** The settings of an environment; one that nobody set has the defaults. */
export const readSettings: UseCase<'readSettings'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  return ok({ answer: { deletionProtected: await isProtected(plane, environment.value) } })
}

/** Changes what is named, and leaves the rest. Whoever may delete an environment may protect it, and nobody else. */
export const changeSettings: UseCase<'changeSettings'> = async (plane, _caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const row = await plane.store.environmentSettings.get(environment.value.id)
  const before = row?.deletion_protected === 1
  const deletionProtected = body.deletionProtected ?? before
  const set = { deletion_protected: deletionProtected ? 1 : 0 }
  const write = row
    ? update('environment_settings', row, set)
    : insert('environment_settings', { environment: environment.value.id, ...set })
  return ok({ answer: { deletionProtected }, writes: [write], details: { deletionProtected, before } })
}

/** The refusal where an environment must not be deleted, or renamed away. */
export async function refuseProtected(plane: Plane, environment: EnvironmentRow): Promise<Result<never> | undefined> {
  if (!(await isProtected(plane, environment))) return undefined
  return refuse('ENV_PROTECTED', { environment: shortName(nameOf(plane, environment)) })
}

async function isProtected(plane: Plane, environment: EnvironmentRow): Promise<boolean> {
  return (await plane.store.environmentSettings.get(environment.id))?.deletion_protected === 1
}
