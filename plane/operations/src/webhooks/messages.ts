import { randomUUID } from 'node:crypto'
import type { EnvironmentId, Write } from '@headgate/model'
import { type WebhookDeliveryRow, insert } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'
import { type WebhookContent, openWebhook, sealDelivery } from './webhook-content.ts'

/** Something that happened to an environment, as it is told outside: names and numbers, never values. */
export interface Happening {
  readonly environment: EnvironmentId
  readonly kind: string
  readonly details: Readonly<Record<string, string | number>>
}

/**
 * The messages a Change causes, to be written with it: so nothing that was committed goes untold, and nothing is told
 * that was not committed.
 */
export async function messagesOf(plane: Plane, caller: Pick<Caller, 'name'>, writes: readonly Write[]): Promise<Write[]> {
  const messages = await Promise.all(happeningsOf(writes).map((happening) => messagesAbout(plane, caller, happening)))
  return messages.flat()
}

/** What a Change means for environments that were there before it. */
function happeningsOf(writes: readonly Write[]): Happening[] {
  const made = new Set(writes.filter((write) => write.table === 'environments' && write.op === 'insert').map(({ row }) => row['id']))
  return writes.flatMap((write) => {
    const happening = happeningOf(write)
    return happening && !made.has(happening.environment) ? [happening] : []
  })
}

function happeningOf({ table, op, row }: Write): Happening | undefined {
  const environment = (table === 'environments' ? row['id'] : row['environment']) as EnvironmentId
  const named = (kind: string, details: Happening['details']) => ({ environment, kind, details })
  switch (table) {
    case 'revisions':
      return op === 'insert' ? named('environment_revision_created', { revision: Number(row['number']) }) : undefined
    case 'environments':
      return op === 'update' && row['deleted_at'] !== null ? named('environment_deleted', {}) : undefined
    case 'retractions':
      return named('environment_revision_retracted', { revision: Number(row['revision']), replacement: Number(row['replacement']) })
    case 'tags':
      return named(`environment_revision_tag_${verb(op)}`, { tag: String(row['name']), revision: Number(row['revision']) })
    case 'labels':
      return named(`environment_tag_${verb(op)}`, { tag: String(row['name']) })
    default:
      return undefined
  }
}

function verb(op: Write['op']): string {
  return op === 'insert' ? 'created' : op === 'delete' ? 'deleted' : 'updated'
}

async function messagesAbout(plane: Plane, caller: Pick<Caller, 'name'>, happening: Happening): Promise<Write[]> {
  const hooks = await plane.store.webhooks.list(happening.environment)
  const active = hooks.filter((hook) => hook.active === 1).map((hook) => ({ hook, content: openWebhook(plane, hook) }))
  const wanted = active.filter(({ content }) => wants(content, happening.kind))
  if (wanted.length === 0) return []
  const payload = await payloadOf(plane, caller.name, happening)
  return wanted.map(({ hook, content }) => {
    const row = newDelivery(plane, hook.name, happening, plane.now())
    return insert('webhook_deliveries', { ...row, sealed: sealDelivery(plane, row.id, unsent(content.url, formatted(content, payload))) })
  })
}

/** A webhook without filters hears of everything; the group `environments` is everything too. */
function wants({ filters, groups }: WebhookContent, kind: string): boolean {
  return (filters.length === 0 && groups.length === 0) || filters.includes(kind) || groups.includes('environments')
}

export type Payload = Readonly<Record<string, unknown>> & { readonly kind: string }

export async function payloadOf(plane: Plane, user: string, { environment, kind, details }: Happening): Promise<Payload> {
  const row = await plane.store.environments.get(environment)
  const timestamp = new Date(plane.now()).toISOString()
  const named = { organization: plane.organisation.name, project: row?.project ?? '', environment: row?.name ?? '' }
  return { kind, timestamp, user, ...named, ...details }
}

/** The payload in the words of who receives it. */
export function formatted({ format }: WebhookContent, payload: Payload): string {
  if (format === 'raw') return JSON.stringify(payload)
  const { kind, user, project, environment } = payload
  const { revision } = payload
  const number = typeof revision === 'number' ? ` (revision ${revision})` : ''
  return JSON.stringify({ text: `${String(project)}/${String(environment)}: ${kind.replaceAll('_', ' ')}${number} by ${String(user)}` })
}

export function newDelivery(
  plane: Plane,
  webhook: string,
  { environment, kind }: Pick<Happening, 'environment' | 'kind'>,
  next: number | null,
): Omit<WebhookDeliveryRow, 'sealed'> {
  const organisation = plane.organisation.id
  return {
    id: randomUUID(),
    environment,
    organisation,
    webhook,
    kind,
    state: 'pending',
    attempts: 0,
    created_at: plane.now(),
    next_at: next,
  }
}

/** What is known of a message before its first attempt. */
export function unsent(url: string, payload: string) {
  return { url, payload, requestHeaders: '', status: 0, responseHeaders: '', response: '', duration: 0 }
}
