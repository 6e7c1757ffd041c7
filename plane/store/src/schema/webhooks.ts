import type { EnvironmentId, OrganisationId, PrincipalId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Who is told of what happens to an environment. Where to and with which secret is sealed: an address is often a secret itself. */
export interface WebhookRow extends Protected {
  readonly environment: EnvironmentId
  readonly organisation: OrganisationId
  readonly name: string
  readonly active: number
  readonly sealed: Uint8Array
  readonly author: PrincipalId
  readonly created_at: number
  readonly changed_at: number
}

export const webhooks = defineTable<WebhookRow>({
  name: 'webhooks',
  protected: true,
  key: ['environment', 'name'],
  columns: {
    environment: 'text',
    organisation: 'text',
    name: 'text',
    active: 'integer',
    sealed: 'bytes',
    author: 'text',
    created_at: 'integer',
    changed_at: 'integer',
  },
})

/** One message to one webhook, and what came of it. Nothing is decided by it. */
export interface WebhookDeliveryRow {
  readonly id: string
  readonly environment: EnvironmentId
  readonly organisation: OrganisationId
  /** The webhook's name. */
  readonly webhook: string
  readonly kind: string
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly attempts: number
  readonly created_at: number
  /** When it is tried next; what is done is not. */
  readonly next_at: number | null
  /** Message and last answer, sealed. */
  readonly sealed: Uint8Array
}

export const webhookDeliveries = defineTable<WebhookDeliveryRow>({
  name: 'webhook_deliveries',
  protected: false,
  key: ['id'],
  columns: {
    id: 'text',
    environment: 'text',
    organisation: 'text',
    webhook: 'text',
    kind: 'text',
    state: 'text',
    attempts: 'integer',
    created_at: 'integer',
    next_at: 'integer?',
    sealed: 'bytes',
  },
})

export const createWebhooks: Migration = {
  name: '0015-webhooks',
  up: ({ table, index }) => [
    table(webhooks, { references: { environment: 'environments.id' } }),
    table(webhookDeliveries, { references: { environment: 'environments.id' } }),
    index('webhook_deliveries_hook', 'webhook_deliveries', ['environment', 'webhook', 'created_at']),
    index('webhook_deliveries_next', 'webhook_deliveries', ['next_at']),
  ],
}
