import { Buffer } from 'node:buffer'
import { load, importsOf } from '@headgate/lang'
import {
  type EnvironmentName,
  type FrozenConfiguration,
  type FrozenRevision,
  type Result,
  fullName,
  ok,
  refuse,
  shortName,
} from '@headgate/model'
import { type HeldRole, decide, environmentResource } from '@headgate/model/access'
import type { Actor } from '@headgate/releases'
import { heldRoles } from '../access/authenticate.ts'
import { type FoundRevision, findReference } from '../environments/find-revision.ts'
import { fileName, textOf } from '../environments/import-closure.ts'
import type { Plane } from '../plane.ts'

/**
 * The exact revision of every environment in the import closure of a configuration, the environment itself first. Who
 * freezes must be allowed to deploy or open each of them, or a deployment would be a way around access control.
 */
export async function freezeConfiguration(plane: Plane, reference: string, by: Actor): Promise<Result<FrozenConfiguration>> {
  const held = by.principal === null ? undefined : await heldRoles(plane, plane.organisation.id, by.principal)
  const root = await findReference(plane, reference)
  if (!root.ok) return root
  const revisions = new Map<string, FrozenRevision>()
  const result = await freezeInto(plane, revisions, root.value, root.value.name, by, held)
  return result.ok ? ok({ reference, revisions: [...revisions.values()] }) : result
}

async function freezeInto(
  plane: Plane,
  revisions: Map<string, FrozenRevision>,
  found: FoundRevision,
  importer: EnvironmentName,
  by: Actor,
  held: readonly HeldRole[] | undefined,
): Promise<Result<void>> {
  const { environment, revision, name } = found
  const known = revisions.get(environment.id)
  if (known && known.revision === revision.number) return ok(undefined)
  if (known) return refuse('CONFIGURATION_AMBIGUOUS', { environment: shortName(name), first: known.revision, second: revision.number })
  if (held && !mayRelease(plane, held, name)) {
    return refuse('OPEN_DENIED_IMPORT', { environment: fullName(importer), imported: fullName(name), principal: by.name })
  }
  revisions.set(environment.id, {
    environment: fullName(name),
    environmentId: environment.id,
    revision: revision.number,
    hash: Buffer.from(revision.hash).toString('hex'),
  })
  const { document } = load(fileName(environment), textOf(plane, environment, revision))
  for (const { name: imported } of document ? importsOf(document) : []) {
    const next = await findReference(plane, imported)
    if (!next.ok) return next
    const result = await freezeInto(plane, revisions, next.value, name, by, held)
    if (!result.ok) return result
  }
  return ok(undefined)
}

function mayRelease(plane: Plane, held: readonly HeldRole[], name: EnvironmentName): boolean {
  return (['deploy', 'open'] as const).some((permission) => decide(permission, environmentResource(name), held, plane.now()) === 'allow')
}
