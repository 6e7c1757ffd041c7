import { PLANE_ACTOR } from '@headgate/model'
import { type WebhookDeliveryRow, update } from '@headgate/store'
import { nameOf } from '../environments/find-revision.ts'
import type { Plane } from '../plane.ts'
import { attempt } from './attempt.ts'
import { openDelivery } from './webhook-content.ts'

/** Messages sent at a time. */
const BATCH = 16
/** How long messages are kept, in milliseconds. */
const KEPT = 30 * 24 * 60 * 60 * 1000

/** Sends every message whose time has come; each attempt is a Change with its record. Answers how many were tried. */
export async function deliverDue(plane: Plane): Promise<number> {
  const due = await plane.store.webhookDeliveries.due(plane.now(), BATCH)
  await Promise.all(due.map((delivery) => deliverOne(plane, delivery)))
  return due.length
}

export async function sweepDeliveries(plane: Plane): Promise<void> {
  await plane.store.webhookDeliveries.sweep(plane.now() - KEPT)
}

async function deliverOne(plane: Plane, delivery: WebhookDeliveryRow): Promise<void> {
  const hook = await plane.store.webhooks.get(delivery.environment, delivery.webhook)
  const environment = await plane.store.environments.get(delivery.environment)
  const resource = environment ? nameOf(plane, environment) : undefined
  const audit = {
    time: plane.now(),
    organisation: plane.organisation.id,
    ...PLANE_ACTOR,
    action: 'webhook.deliver',
    resource: `environment:${plane.organisation.name}/${resource?.project ?? ''}/${resource?.environment ?? ''}`,
  }
  if (!hook || hook.active === 0) {
    const writes = [update('webhook_deliveries', delivery, { state: 'failed', next_at: null })]
    await plane.changes.commit({ expect: [], writes, audit: { ...audit, outcome: 'failed', details: { delivery: delivery.id } } })
    return
  }
  const { row, content, delivered } = await attempt(plane, hook, delivery, openDelivery(plane, delivery), true)
  const details = { delivery: row.id, webhook: hook.name, attempt: row.attempts, status: content.status }
  const outcome = delivered ? ('ok' as const) : ('failed' as const)
  await plane.changes.commit({ expect: [], writes: [update('webhook_deliveries', delivery, row)], audit: { ...audit, outcome, details } })
}
