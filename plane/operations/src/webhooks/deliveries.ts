import { type Result, ok, refuse } from '@headgate/model'
import { insert } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { attempt } from './attempt.ts'
import { formatted, newDelivery, payloadOf } from './messages.ts'
import { deliveryAnswer, openDelivery, openWebhook } from './webhook-content.ts'
import { findWebhook } from './webhooks.ts'

const SHOWN = 100

/** The messages to a webhook, newest first. */
export const listDeliveries: UseCase<'listDeliveries'> = async (plane, _caller, { params }) => {
  const found = await findWebhook(plane, params, params.webhook)
  if (!found.ok) return found
  const { environment, row } = found.value
  const rows = await plane.store.webhookDeliveries.list(environment.id, row.name, SHOWN)
  return ok({ answer: { deliveries: rows.map((delivery) => deliveryAnswer(delivery, openDelivery(plane, delivery))) } })
}

/** Sends a test message now. It is not tried again. */
export const pingWebhook: UseCase<'pingWebhook'> = async (plane, caller, { params }) => {
  const found = await findWebhook(plane, params, params.webhook)
  if (!found.ok) return found
  const { environment, row } = found.value
  const allowed = mayBeSent(plane, openWebhook(plane, row).url)
  if (!allowed.ok) return allowed
  const happening = { environment: environment.id, kind: 'ping', details: {} }
  const payload = formatted(openWebhook(plane, row), await payloadOf(plane, caller.name, happening))
  const sent = await attempt(plane, row, newDelivery(plane, row.name, happening, null), { payload }, false)
  return ok({
    answer: deliveryAnswer(sent.row, sent.content),
    writes: [insert('webhook_deliveries', sent.row)],
    details: { webhook: row.name, status: sent.content.status },
  })
}

/** Sends an earlier message again now, as a delivery of its own. */
export const redeliver: UseCase<'redeliver'> = async (plane, _caller, { params }) => {
  const found = await findWebhook(plane, params, params.webhook)
  if (!found.ok) return found
  const { environment, row } = found.value
  const earlier = await plane.store.webhookDeliveries.get(params.delivery)
  if (earlier?.environment !== environment.id || earlier.webhook !== row.name)
    return refuse('DELIVERY_NOT_FOUND', { webhook: row.name, delivery: params.delivery })
  const allowed = mayBeSent(plane, openWebhook(plane, row).url)
  if (!allowed.ok) return allowed
  const delivery = newDelivery(plane, row.name, { environment: environment.id, kind: earlier.kind }, null)
  const sent = await attempt(plane, row, delivery, openDelivery(plane, earlier), false)
  return ok({
    answer: deliveryAnswer(sent.row, sent.content),
    writes: [insert('webhook_deliveries', sent.row)],
    details: { webhook: row.name, again: earlier.id, status: sent.content.status },
  })
}

/** The operator's rules may be others than when the webhook was kept. */
function mayBeSent(plane: Plane, address: string): Result<void> {
  const url = new URL(address)
  const refusal = plane.outbound ? plane.outbound.refusal(url) : 'this plane sends nothing'
  return refusal === undefined ? ok(undefined) : refuse('WEBHOOK_ADDRESS_REFUSED', { host: url.host, reason: refusal })
}
