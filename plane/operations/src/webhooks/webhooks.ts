import { type EnvironmentName, type Result, ok, refuse, shortName } from '@headgate/model'
import { type EnvironmentRow, type WebhookRow, insert, remove, update } from '@headgate/store'
import { authorNames } from '../environments/author-names.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import type { Plane, UseCase } from '../plane.ts'
import { type WebhookContent, openWebhook, sealWebhook, webhookAnswer } from './webhook-content.ts'

const NAME = /^[A-Za-z0-9._-]{1,32}$/
/** Webhooks of one environment. */
const LIMIT = 50

export const listWebhooks: UseCase<'listWebhooks'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const [rows, nameOf] = await Promise.all([plane.store.webhooks.list(environment.value.id), authorNames(plane)])
  return ok({ answer: { webhooks: rows.map((row) => webhookAnswer(row, openWebhook(plane, row), nameOf(row.author))) } })
}

/** Keeps a webhook. Its address is looked at now, and again whenever something is sent. */
export const createWebhook: UseCase<'createWebhook'> = async (plane, caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const { id, organisation } = environment.value
  const existing = await plane.store.webhooks.list(id)
  const name = body.webhook ?? freeName(existing)
  if (!NAME.test(name))
    return refuse('WEBHOOK_INVALID', { webhook: name, reason: 'a name is 1 to 32 letters, digits and the characters . _ -' })
  if (existing.some((row) => row.name === name)) return refuse('WEBHOOK_EXISTS', { environment: shortName(params), webhook: name })
  if (existing.length >= LIMIT) return refuse('WEBHOOK_INVALID', { webhook: name, reason: `an environment has at most ${LIMIT}` })
  const address = addressOf(plane, name, body.url)
  if (!address.ok) return address
  const { displayName, url, format = 'raw' as const, filters = [], groups = [] } = body
  const content: WebhookContent = { displayName, url, format, filters, groups, ...(body.secret ? { secret: body.secret } : {}) }
  const time = plane.now()
  const row = {
    environment: id,
    organisation,
    name,
    active: body.active === false ? 0 : 1,
    author: caller.principal,
    created_at: time,
    changed_at: time,
  }
  return ok({
    answer: webhookAnswer(row, content, caller.name),
    writes: [insert('webhooks', { ...row, sealed: sealWebhook(plane, row, content) })],
    details: { webhook: name, host: address.value.host },
  })
}

/** Changes what is named, and leaves the rest. */
export const changeWebhook: UseCase<'changeWebhook'> = async (plane, _caller, { params, body }) => {
  const found = await findWebhook(plane, params, params.webhook)
  if (!found.ok) return found
  const { row } = found.value
  const before = openWebhook(plane, row)
  const address = addressOf(plane, row.name, body.url ?? before.url)
  if (!address.ok) return address
  const { secret: oldSecret, ...kept } = before
  const secret = body.secret === undefined ? oldSecret : (body.secret ?? undefined)
  const content: WebhookContent = {
    displayName: body.displayName ?? kept.displayName,
    url: body.url ?? kept.url,
    format: body.format ?? kept.format,
    filters: body.filters ?? kept.filters,
    groups: body.groups ?? kept.groups,
    ...(secret === undefined ? {} : { secret }),
  }
  const active = body.active === undefined ? row.active : body.active ? 1 : 0
  const next = { ...row, active, changed_at: plane.now() }
  const nameOf = await authorNames(plane)
  return ok({
    answer: webhookAnswer(next, content, nameOf(row.author)),
    writes: [update('webhooks', row, { active, changed_at: next.changed_at, sealed: sealWebhook(plane, row, content) })],
    details: { webhook: row.name, host: address.value.host },
  })
}

export const deleteWebhook: UseCase<'deleteWebhook'> = async (plane, _caller, { params }) => {
  const found = await findWebhook(plane, params, params.webhook)
  if (!found.ok) return found
  return ok({ answer: { webhook: params.webhook }, writes: [remove('webhooks', found.value.row)], details: { webhook: params.webhook } })
}

/** A webhook by its name. */
export async function findWebhook(
  plane: Plane,
  name: EnvironmentName,
  webhook: string,
): Promise<Result<{ readonly environment: EnvironmentRow; readonly row: WebhookRow }>> {
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const row = await plane.store.webhooks.get(environment.value.id, webhook)
  return row ? ok({ environment: environment.value, row }) : refuse('WEBHOOK_NOT_FOUND', { environment: shortName(name), webhook })
}

/** The address as a URL the operator allows. What stands in it beside the host is not repeated: it may be a secret. */
function addressOf(plane: Plane, webhook: string, text: string): Result<URL> {
  if (!URL.canParse(text)) return refuse('WEBHOOK_INVALID', { webhook, reason: 'its address is no URL' })
  const url = new URL(text)
  const refusal = plane.outbound ? plane.outbound.refusal(url) : 'this plane sends nothing'
  return refusal === undefined ? ok(url) : refuse('WEBHOOK_ADDRESS_REFUSED', { host: url.host, reason: refusal })
}

function freeName(existing: readonly WebhookRow[]): string {
  const taken = new Set(existing.map((row) => row.name))
  let number = 1
  while (taken.has(`hook-${number}`)) number += 1
  return `hook-${number}`
}
