import { z } from 'zod'
import { environmentParams, noBody, noQuery, time } from './shapes.ts'

const format = z.enum(['raw', 'slack', 'ms_teams'])
const words = z.array(z.string().max(100)).max(100)
const webhook = z.object({
  webhook: z.string(),
  displayName: z.string(),
  url: z.string(),
  format,
  /** The kinds of message it wants; none for all of them. */
  filters: words,
  groups: words,
  active: z.boolean(),
  hasSecret: z.boolean(),
  author: z.string(),
  created: time,
  changed: time,
})
const written = z.object({
  displayName: z.string().max(200),
  url: z.string().max(4096),
  format: format.optional(),
  filters: words.optional(),
  groups: words.optional(),
  active: z.boolean().optional(),
})
const delivery = z.object({
  delivery: z.string(),
  kind: z.string(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number().int(),
  created: time,
  /** Milliseconds the last attempt took. */
  duration: z.number().int(),
  url: z.string(),
  payload: z.string(),
  requestHeaders: z.string(),
  /** 0 where nobody answered; `response` says why. */
  status: z.number().int(),
  responseHeaders: z.string(),
  response: z.string(),
})
const oneWebhook = environmentParams.extend({ webhook: z.string() })

export const webhookSchemas = {
  listWebhooks: { params: environmentParams, query: noQuery, body: noBody, answer: z.object({ webhooks: z.array(webhook) }) },
  createWebhook: {
    params: environmentParams,
    query: noQuery,
    /** Without a name it gets one. `secret` signs what is sent (HMAC-SHA256). */
    body: written.extend({ webhook: z.string().optional(), secret: z.string().max(1024).optional() }),
    answer: webhook,
  },
  changeWebhook: {
    params: oneWebhook,
    query: noQuery,
    /** What is left out stays; `secret: null` removes it. */
    body: written.partial().extend({ secret: z.string().max(1024).nullable().optional() }),
    answer: webhook,
  },
  deleteWebhook: { params: oneWebhook, query: noQuery, body: noBody, answer: z.object({ webhook: z.string() }) },
  pingWebhook: { params: oneWebhook, query: noQuery, body: z.object({}).optional(), answer: delivery },
  listDeliveries: { params: oneWebhook, query: noQuery, body: noBody, answer: z.object({ deliveries: z.array(delivery) }) },
  redeliver: {
    params: oneWebhook.extend({ delivery: z.string() }),
    query: noQuery,
    body: z.object({}).optional(),
    answer: delivery,
  },
}
