import { Buffer } from 'node:buffer'
import { load, importsOf } from '@headgate/lang'
import {
  type EnvironmentName,
  type FrozenConfiguration,
  type FrozenRevision,
  type Result,
  fullName,
  ok,
  parseEnvironmentReference,
  refuse,
  shortName,
} from '@headgate/model'
import type { HeldRole } from '@headgate/model/access'
import type { Actor } from '@headgate/releases'
import { heldRoles, limitedTo } from '../access/held-roles.ts'
import { requireRelease } from '../access/import-right.ts'
import { type FoundRevision, findReference } from '../environments/find-revision.ts'
import { fileName, textOf } from '../environments/import-closure.ts'
import type { Plane } from '../plane.ts'

/**
 * The exact revision of every environment in the import closure of a configuration, the environment itself first. Who
 * freezes must be allowed to deploy or open each of them, or a deployment would be a way around access control.
 */
export async function freezeConfiguration(plane: Plane, reference: string, by: Actor): Promise<Result<FrozenConfiguration>> {
  const held = by.principal === null ? undefined : limitedTo(by.limit, await heldRoles(plane, plane.organisation.id, by.principal))
  const allowed = mayFreeze(plane, by, held, reference)
  if (!allowed.ok) return allowed
  const root = await findReference(plane, reference)
  if (!root.ok) return root
  const revisions = new Map<string, FrozenRevision>()
  const result = await freezeInto(plane, revisions, root.value, by, held)
  return result.ok ? ok({ reference, revisions: [...revisions.values()] }) : result
}

async function freezeInto(
  plane: Plane,
  revisions: Map<string, FrozenRevision>,
  found: FoundRevision,
  by: Actor,
  held: readonly HeldRole[] | undefined,
): Promise<Result<void>> {
  const { environment, revision, name } = found
  const known = revisions.get(environment.id)
  if (known && known.revision === revision.number) return ok(undefined)
  if (known) return refuse('CONFIGURATION_AMBIGUOUS', { environment: shortName(name), first: known.revision, second: revision.number })
  revisions.set(environment.id, {
    environment: fullName(name),
    environmentId: environment.id,
    revision: revision.number,
    hash: Buffer.from(revision.hash).toString('hex'),
  })
  const { document } = load(fileName(environment), textOf(plane, environment, revision))
  for (const { name: imported } of document ? importsOf(document) : []) {
    const permitted = mayFreeze(plane, by, held, imported, name)
    if (!permitted.ok) return permitted
    const next = await findReference(plane, imported)
    if (!next.ok) return next
    const result = await freezeInto(plane, revisions, next.value, by, held)
    if (!result.ok) return result
  }
  return ok(undefined)
}

/**
 * Whether an environment may go into a release, decided before it is looked up. Without roles it is the plane that
 * freezes, which takes what it finds.
 */
function mayFreeze(
  plane: Plane,
  by: Actor,
  held: readonly HeldRole[] | undefined,
  reference: string,
  importer?: EnvironmentName,
): Result<void> {
  const parsed = parseEnvironmentReference(reference, { organisation: plane.organisation.name })
  if (!held || !parsed.ok) return ok(undefined)
  const { version: _, ...name } = parsed.value
  const allowed = requireRelease(plane, { name: by.name, held }, name)
  if (allowed.ok || !importer || allowed.problem.code === 'ENV_NOT_FOUND') return allowed
  return refuse('OPEN_DENIED_IMPORT', { environment: fullName(importer), imported: fullName(name), principal: by.name })
}
