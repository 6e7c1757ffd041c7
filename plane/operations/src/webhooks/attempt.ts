import { createHmac } from 'node:crypto'
import type { WebhookDeliveryRow, WebhookRow } from '@headgate/store'
import type { Plane } from '../plane.ts'
import { type DeliveryContent, openWebhook, sealDelivery } from './webhook-content.ts'

/** Attempts before a message is given up, and the wait after each, in milliseconds: it triples from ten seconds on. */
export const ATTEMPTS = 8
const FIRST_WAIT = 10_000

export interface Attempted {
  readonly row: WebhookDeliveryRow
  readonly content: DeliveryContent
  readonly delivered: boolean
}

/**
 * Sends a message once. The signature is over the bytes of the body, by HMAC-SHA256 with the webhook's secret, in the
 * header the receivers of the protocol look for.
 *
 * @param retry whether one that fails is tried again later
 */
export async function attempt(
  plane: Plane,
  hook: WebhookRow,
  delivery: Omit<WebhookDeliveryRow, 'sealed'>,
  message: Pick<DeliveryContent, 'payload'>,
  retry: boolean,
): Promise<Attempted> {
  const { url, secret } = openWebhook(plane, hook)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': 'headgate',
    'pulumi-webhook-id': delivery.id,
    'pulumi-webhook-kind': delivery.kind,
    ...(secret === undefined ? {} : { 'pulumi-webhook-signature': signatureOf(secret, message.payload) }),
  }
  const began = performance.now()
  const answer = plane.outbound
    ? await plane.outbound.post({ url: new URL(url), headers, body: message.payload })
    : { status: 0, headers: '', body: 'this plane sends nothing' }
  const delivered = answer.status >= 200 && answer.status < 300
  const attempts = delivery.attempts + 1
  const again = retry && !delivered && attempts < ATTEMPTS
  const content: DeliveryContent = {
    url,
    payload: message.payload,
    requestHeaders: Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    status: answer.status,
    responseHeaders: answer.headers,
    response: answer.body,
    duration: Math.round(performance.now() - began),
  }
  const state = delivered ? 'delivered' : again ? 'pending' : 'failed'
  const next_at = again ? plane.now() + FIRST_WAIT * 3 ** (attempts - 1) : null
  const row = { ...delivery, state, attempts, next_at, sealed: sealDelivery(plane, delivery.id, content) } as const
  return { row, content, delivered }
}

export function signatureOf(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}
