import { ok, refuse } from '@headgate/model'
import type { UseCase } from '../plane.ts'

const PAGE = 100

/** The audit log in the order of its commits, a page at a time, with the sealed details opened. */
export const listAudit: UseCase<'listAudit'> = async (plane, _caller, { query }) => {
  const { after, limit = PAGE, actor, action, resource, since, until } = query
  const principal = actor === undefined ? undefined : await plane.store.principals.byName(plane.organisation.id, actor)
  if (actor !== undefined && !principal) return refuse('PRINCIPAL_NOT_FOUND', { principal: actor })
  const rows = await plane.store.audit.page({
    organisation: plane.organisation.id,
    limit,
    order: 'oldest',
    ...(after === undefined ? {} : { after }),
    ...(principal ? { actor: principal.id } : {}),
    ...(action === undefined ? {} : { action }),
    ...(resource === undefined ? {} : { resourcePrefix: resource }),
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { until }),
  })
  const records = rows.map((row) => {
    const event = plane.vault.openAudit(row)
    return {
      change: event.change,
      index: event.leaf,
      time: event.time,
      actor: event.actorName,
      action: event.action,
      resource: event.resource,
      outcome: event.outcome,
      details: event.details ?? {},
    }
  })
  return ok({ answer: { records }, details: { records: records.length, after: after ?? 0 } })
}
