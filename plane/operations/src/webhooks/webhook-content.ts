import type { Answer } from '@headgate/contract'
import type { WebhookDeliveryRow, WebhookRow } from '@headgate/store'
import type { Plane } from '../plane.ts'

/** What is sealed of a webhook. */
export interface WebhookContent {
  readonly displayName: string
  readonly url: string
  readonly format: 'raw' | 'slack' | 'ms_teams'
  readonly filters: readonly string[]
  readonly groups: readonly string[]
  readonly secret?: string
}

/** What is sealed of a delivery: the message, and what came of its last attempt. */
export interface DeliveryContent {
  readonly url: string
  readonly payload: string
  readonly requestHeaders: string
  readonly status: number
  readonly responseHeaders: string
  readonly response: string
  readonly duration: number
}

export function sealWebhook(plane: Plane, key: Pick<WebhookRow, 'environment' | 'name'>, content: WebhookContent): Uint8Array {
  return plane.vault.sealDocument(plane.organisation.id, 'webhook', `${key.environment}/${key.name}`, bytesOf(content))
}

export function openWebhook(plane: Plane, row: WebhookRow): WebhookContent {
  return contentOf(plane.vault.openDocument(row.organisation, 'webhook', `${row.environment}/${row.name}`, row.sealed)) as WebhookContent
}

export function sealDelivery(plane: Plane, id: string, content: DeliveryContent): Uint8Array {
  return plane.vault.sealDocument(plane.organisation.id, 'webhook-delivery', id, bytesOf(content))
}

export function openDelivery(plane: Plane, row: WebhookDeliveryRow): DeliveryContent {
  return contentOf(plane.vault.openDocument(row.organisation, 'webhook-delivery', row.id, row.sealed)) as DeliveryContent
}

function bytesOf(content: object): Uint8Array {
  return Buffer.from(JSON.stringify(content))
}

function contentOf(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'))
}

/** A webhook as its routes show it; the secret is never shown. */
export function webhookAnswer(
  row: Omit<WebhookRow, 'change' | 'mac' | 'sealed'>,
  { secret, ...content }: WebhookContent,
  author: string,
): Answer<'createWebhook'> {
  const { displayName, url, format } = content
  const words = { filters: [...content.filters], groups: [...content.groups] }
  const times = { created: row.created_at, changed: row.changed_at }
  return {
    webhook: row.name,
    displayName,
    url,
    format,
    ...words,
    active: row.active === 1,
    hasSecret: secret !== undefined,
    author,
    ...times,
  }
}

export function deliveryAnswer(row: Omit<WebhookDeliveryRow, 'sealed'>, content: DeliveryContent): Answer<'pingWebhook'> {
  return { delivery: row.id, kind: row.kind, state: row.state, attempts: row.attempts, created: row.created_at, ...content }
}
