import { type EnvironmentName, type Result, LATEST_TAG, fullName, ok, parseEnvironmentReference, refuse, shortName } from '@headgate/model'
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
  const own = name.organisation === plane.organisation.name
  const row = own ? await plane.store.environments.find(plane.organisation.id, name.project, name.environment) : undefined
  return row ? ok(row) : refuse('ENV_NOT_FOUND', { environment: own ? shortName(name) : fullName(name) })
}

/** Which revision is meant; that there is one of this number is not looked at. */
export interface LocatedRevision {
  readonly name: EnvironmentName
  readonly environment: EnvironmentRow
  readonly number: number
}

/** The revision a version names: a number, a tag, or (absent, or `latest`) the newest. */
export async function findRevision(
  plane: Plane,
  name: EnvironmentName,
  version: string | number | undefined,
): Promise<Result<FoundRevision>> {
  const located = await locateRevision(plane, name, version)
  return located.ok ? readLocated(plane, located.value) : located
}

/** Reads the revision that was located. */
export async function readLocated(plane: Plane, { name, environment, number }: LocatedRevision): Promise<Result<FoundRevision>> {
  const revision = await plane.store.revisions.get(environment.id, number)
  return revision ? ok({ name, environment, revision }) : refuse('REVISION_NOT_FOUND', { environment: shortName(name), revision: number })
}

/** Which revision a version names, without reading it. */
export async function locateRevision(
  plane: Plane,
  name: EnvironmentName,
  version: string | number | undefined,
): Promise<Result<LocatedRevision>> {
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  // The newest, which is what most ask for, stands in the row.
  if (version === undefined) return ok({ name, environment: environment.value, number: environment.value.head_revision })
  const number = await revisionNumber(plane, environment.value, name, version)
  return number.ok ? ok({ name, environment: environment.value, number: number.value }) : number
}

async function revisionNumber(
  plane: Plane,
  environment: EnvironmentRow,
  name: EnvironmentName,
  version: string | number,
): Promise<Result<number>> {
  if (version === LATEST_TAG) return ok(environment.head_revision)
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
  const located = await locateRevisionFor(plane, caller, name, version)
  return located.ok ? readLocated(plane, located.value) : located
}

/** Which revision a caller means, without reading it. */
export async function locateRevisionFor(
  plane: Plane,
  caller: Caller,
  name: EnvironmentName,
  version: string | number | undefined,
): Promise<Result<LocatedRevision>> {
  if (!caller.pin) {
    const located = await locateRevision(plane, name, version)
    return located.ok && version !== undefined ? ok(await inPlaceOf(plane, located.value)) : located
  }
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const number = pinnedRevision(caller.pin, environment.value)
  if (number === undefined) return refuse('ENV_NOT_FOUND', { environment: shortName(name) })
  return ok({ name, environment: environment.value, number })
}

/** How many retractions lead from one to the next before it is taken as it is. */
const RETRACTIONS = 100

/** What is opened where a revision was asked for: the replacement of one that was retracted. */
async function inPlaceOf(plane: Plane, located: LocatedRevision): Promise<LocatedRevision> {
  const { environment } = located
  let { number } = located
  for (let step = 0; step < RETRACTIONS && number !== environment.head_revision; step++) {
    const retraction = await plane.store.retractions.get(environment.id, number)
    if (!retraction) break
    number = retraction.replacement
  }
  return { ...located, number }
}

/** The environment a text names, as `imports` and commands write it, inside this plane's organisation. */
export async function findReference(plane: Plane, text: string, caller?: Caller): Promise<Result<FoundRevision>> {
  const located = await locateReference(plane, text, caller)
  return located.ok ? readLocated(plane, located.value) : located
}

/** As `findReference`, without reading the revision. */
export async function locateReference(plane: Plane, text: string, caller?: Caller): Promise<Result<LocatedRevision>> {
  const reference = parseEnvironmentReference(text, { organisation: plane.organisation.name })
  if (!reference.ok) return reference
  const { version, ...name } = reference.value
  return caller ? locateRevisionFor(plane, caller, name, version) : locateRevision(plane, name, version)
}

/** The names of an environment's row. */
export function nameOf(plane: Plane, row: Pick<EnvironmentRow, 'project' | 'name'>): EnvironmentName {
  return { organisation: plane.organisation.name, project: row.project, environment: row.name }
}
