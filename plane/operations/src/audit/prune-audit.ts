import { PLANE_ACTOR, ok } from '@headgate/model'
import { renderResource } from '@headgate/model/access'
import { type Pruned, pruneLog } from '@headgate/vault'
import type { Plane, UseCase } from '../plane.ts'

const DAY = 24 * 60 * 60 * 1000
/** Seven years, leap days counted. */
export const DEFAULT_RETENTION = 2557 * DAY

/** Lets go of what is older than the retention, or than the time asked for where that is longer ago. */
export const pruneAudit: UseCase<'pruneAudit'> = async (plane, caller, { body }) => {
  const before = Math.min(body?.before ?? Number.POSITIVE_INFINITY, retained(plane))
  const { records, end } = await pruneAs(plane, before, { actor: caller.principal, actorName: caller.name })
  return ok({ answer: { records, first: end, before }, details: { records, first: end, before } })
}

/** The same by itself, whenever something is old enough. */
export async function pruneWhatIsOld(plane: Plane): Promise<void> {
  await pruneAs(plane, retained(plane), PLANE_ACTOR)
}

function retained(plane: Plane): number {
  return plane.now() - (plane.auditRetention ?? DEFAULT_RETENTION)
}

async function pruneAs(
  { vault, store, changes, organisation, now }: Plane,
  before: number,
  by: { readonly actor: Parameters<typeof pruneLog>[0]['audit']['actor']; readonly actorName: string },
): Promise<Pruned> {
  const resource = renderResource({ kind: 'organisation', organisation: organisation.name })
  const audit = { organisation: organisation.id, ...by, action: 'audit.segment', resource }
  return pruneLog({ vault, store, changes, before, now: now(), audit })
}
