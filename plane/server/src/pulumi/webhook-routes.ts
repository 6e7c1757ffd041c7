import type { Answer } from '@headgate/contract'
import { type Result, refuse } from '@headgate/model'
import { ENVIRONMENT } from './environment-routes.ts'
import { type WireAnswer, type WireRequest, type WireRoute, answerWith, json, nameOf, nothing, objectOf, present } from './wire-route.ts'

const HOOKS = `${ENVIRONMENT}/hooks`
const HOOK = `${HOOKS}/:hook`
/** What a client sends to have the secret removed; an empty one keeps it. */
const REMOVE_SECRET = '__remove-secret'

/** Webhooks of an environment, and what was sent to them. */
export const webhookRoutes: readonly WireRoute[] = [
  {
    method: 'GET',
    path: HOOKS,
    answer: async (request) =>
      answerWith(await request.ask('listWebhooks', { params: nameOf(request) }), ({ webhooks }) =>
        json(webhooks.map((hook) => shown(request, hook))),
      ),
  },
  { method: 'POST', path: HOOKS, answer: create },
  { method: 'GET', path: HOOK, answer: read },
  { method: 'PATCH', path: HOOK, answer: change },
  {
    method: 'DELETE',
    path: HOOK,
    answer: async (request) => answerWith(await request.ask('deleteWebhook', { params: oneOf(request) }), () => nothing),
  },
  {
    method: 'POST',
    path: `${HOOK}/ping`,
    answer: async (request) =>
      answerWith(await request.ask('pingWebhook', { params: oneOf(request) }), (delivery) => json(deliveryOf(delivery))),
  },
  {
    method: 'GET',
    path: `${HOOK}/deliveries`,
    answer: async (request) =>
      answerWith(await request.ask('listDeliveries', { params: oneOf(request) }), ({ deliveries }) => json(deliveries.map(deliveryOf))),
  },
  {
    method: 'POST',
    path: `${HOOK}/deliveries/:delivery/redeliver`,
    answer: async (request) =>
      answerWith(await request.ask('redeliver', { params: { ...oneOf(request), delivery: request.params['delivery'] } }), (delivery) =>
        json(deliveryOf(delivery)),
      ),
  },
]

function oneOf(request: WireRequest) {
  return { ...nameOf(request), webhook: request.params['hook'] }
}

function shown({ params }: WireRequest, hook: Answer<'createWebhook'>) {
  return {
    organizationName: params['org'],
    projectName: params['project'],
    envName: params['env'],
    name: hook.webhook,
    displayName: hook.displayName,
    payloadUrl: hook.url,
    format: hook.format,
    filters: hook.filters,
    groups: hook.groups,
    active: hook.active,
    hasSecret: hook.hasSecret,
    secretCiphertext: '',
  }
}

function deliveryOf(delivery: Answer<'pingWebhook'>) {
  return {
    id: delivery.delivery,
    kind: delivery.kind,
    timestamp: Math.floor(delivery.created / 1000),
    duration: delivery.duration,
    payload: delivery.payload,
    requestUrl: delivery.url,
    requestHeaders: delivery.requestHeaders,
    responseCode: delivery.status,
    responseHeaders: delivery.responseHeaders,
    responseBody: delivery.response,
  }
}

async function create(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { name, displayName, payloadUrl: url, format, filters, groups, active, secret } = body.value
  const asked = {
    webhook: name || undefined,
    displayName,
    url,
    format: format || undefined,
    filters,
    groups,
    active,
    secret: secret || undefined,
  }
  const made = await request.ask('createWebhook', { params: nameOf(request), body: present(asked) })
  return answerWith(made, (hook) => json(shown(request, hook), 201))
}

async function read(request: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await request.ask('listWebhooks', { params: nameOf(request) }), ({ webhooks }) => {
    const name = request.params['hook'] ?? ''
    const found = webhooks.find(({ webhook }) => webhook === name)
    const { project, environment } = nameOf(request)
    return found ? json(shown(request, found)) : refuse('WEBHOOK_NOT_FOUND', { environment: `${project}/${environment}`, webhook: name })
  })
}

async function change(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { displayName, payloadUrl: url, format, filters, groups, active, secret } = body.value
  const asked = present({ displayName, url, format: format || undefined, filters, groups, active })
  const withSecret = secret === REMOVE_SECRET ? { ...asked, secret: null } : secret ? { ...asked, secret } : asked
  return answerWith(await request.ask('changeWebhook', { params: oneOf(request), body: withSecret }), (hook) => json(shown(request, hook)))
}
