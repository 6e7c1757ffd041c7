import { type EnvironmentName, type Result, LATEST_TAG, ok, parseEnvironmentReference, refuse, shortName } from '@headgate/model'
import type { EnvironmentRow, RevisionRow } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'
import { pinnedRevision } from '../releases/instance-access.ts'

/** An environment at one of its revisions. `revision` is undefined only while it has none at all. */
export interface FoundRevision {
  readonly name: EnvironmentName
  readonly environment: EnvironmentRow
  readonly revision: RevisionRow
}

/** The row of an environment by its names. */
export async function findEnvironment(plane: Plane, name: EnvironmentName): Promise<Result<EnvironmentRow>> {
  const missing = refuse('ENV_NOT_FOUND', { environment: shortName(name) })
  if (name.organisation !== plane.organisation.name) return missing
  const row = await plane.store.environments.find(plane.organisation.id, name.project, name.environment)
  return row ? ok(row) : missing
}

/** The revision a version names: a number, a tag, or (absent, or `latest`) the newest. */
export async function findRevision(
  plane: Plane,
  name: EnvironmentName,
  version: string | number | undefined,
): Promise<Result<FoundRevision>> {
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const number = await revisionNumber(plane, environment.value, name, version)
  if (!number.ok) return number
  const revision = await plane.store.revisions.get(environment.value.id, number.value)
  if (!revision) return refuse('REVISION_NOT_FOUND', { environment: shortName(name), revision: number.value })
  return ok({ name, environment: environment.value, revision })
}

async function revisionNumber(
  plane: Plane,
  environment: EnvironmentRow,
  name: EnvironmentName,
  version: string | number | undefined,
): Promise<Result<number>> {
  if (version === undefined || version === LATEST_TAG) return ok(environment.head_revision)
  if (typeof version === 'number' || /^[0-9]+$/.test(version)) return ok(Number(version))
  const tag = await plane.store.tags.get(environment.id, version)
  return tag ? ok(tag.revision) : refuse('TAG_NOT_FOUND', { environment: shortName(name), tag: version })
}

/** As `findRevision`, for a caller who may be an instance: one sees the revisions it is pinned to, and no other. */
export async function findRevisionFor(
  plane: Plane,
  caller: Caller,
  name: EnvironmentName,
  version: string | number | undefined,
): Promise<Result<FoundRevision>> {
  if (!caller.pin) return findRevision(plane, name, version)
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const pinned = pinnedRevision(caller.pin, environment.value)
  return pinned === undefined ? refuse('ENV_NOT_FOUND', { environment: shortName(name) }) : findRevision(plane, name, pinned)
}

/** The environment a text names, as `imports` and commands write it, inside this plane's organisation. */
export async function findReference(plane: Plane, text: string, caller?: Caller): Promise<Result<FoundRevision>> {
  const reference = parseEnvironmentReference(text, { organisation: plane.organisation.name })
  if (!reference.ok) return reference
  const { version, ...name } = reference.value
  return caller ? findRevisionFor(plane, caller, name, version) : findRevision(plane, name, version)
}

/** The names of an environment's row. */
export function nameOf(plane: Plane, row: Pick<EnvironmentRow, 'project' | 'name'>): EnvironmentName {
  return { organisation: plane.organisation.name, project: row.project, environment: row.name }
}
