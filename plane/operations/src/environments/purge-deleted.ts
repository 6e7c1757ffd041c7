import { PLANE_ACTOR, type Write } from '@headgate/model'
import { type EnvironmentRow, type RevisionRow, remove } from '@headgate/store'
import type { Plane } from '../plane.ts'
import { DELETED_KEPT } from './deleted-environments.ts'
import { fileName } from './import-closure.ts'

/** Revisions read at a time. */
const PAGE = 1_000

/**
 * Removes for good what was deleted so long ago that it cannot be restored any more: one environment a Change, with its
 * record in the log. Answers how many went.
 */
export async function purgeDeleted(plane: Plane): Promise<number> {
  const rows = await plane.store.environments.list(plane.organisation.id, { deleted: 'only' })
  const over = rows.filter((row) => (row.deleted_at ?? 0) + DELETED_KEPT <= plane.now())
  for (const row of over) await purge(plane, row)
  return over.length
}

async function purge(plane: Plane, environment: EnvironmentRow): Promise<void> {
  const writes = await removals(plane, environment)
  await plane.changes.commit({
    expect: [],
    writes,
    audit: {
      time: plane.now(),
      organisation: plane.organisation.id,
      ...PLANE_ACTOR,
      action: 'environment.purge',
      resource: `environment:${plane.organisation.name}/${fileName(environment)}`,
      outcome: 'ok',
      details: { revisions: environment.head_revision },
    },
  })
}

/** Every row of an environment, what refers to others before those. */
async function removals({ store }: Plane, environment: EnvironmentRow): Promise<Write[]> {
  const { id } = environment
  const [settings, owner] = await Promise.all([store.environmentSettings.get(id), store.environmentOwners.get(id)])
  return [
    ...(await store.webhookDeliveries.all(id)).map((row) => remove('webhook_deliveries', row)),
    ...(await store.webhooks.list(id)).map((row) => remove('webhooks', row)),
    ...(await store.schedules.list(id)).map((row) => remove('schedules', row)),
    ...(await store.rotations.list(id, PAGE * PAGE)).map((row) => remove('rotations', row)),
    ...(await store.draftEvents.ofEnvironment(id)).map((row) => remove('draft_events', row)),
    ...(await store.drafts.list(id)).map((row) => remove('drafts', row)),
    ...(await store.labels.list(id)).map((row) => remove('labels', row)),
    ...(await store.retractions.list(id)).map((row) => remove('retractions', row)),
    ...(settings ? [remove('environment_settings', settings)] : []),
    ...(owner ? [remove('environment_owners', owner)] : []),
    ...(await store.tags.list(id)).map((row) => remove('tags', row)),
    ...(await store.records.ofEnvironment(id)).map((row) => remove('records', row)),
    ...(await revisionRows(store, environment)).map((row) => remove('revisions', row)),
    remove('environments', environment),
  ]
}

async function revisionRows(store: Plane['store'], environment: EnvironmentRow): Promise<RevisionRow[]> {
  const all: RevisionRow[] = []
  let page = await store.revisions.list(environment.id, { limit: PAGE })
  while (page.length > 0) {
    all.push(...page)
    page = await store.revisions.list(environment.id, { limit: PAGE, before: page.at(-1)?.number ?? 0 })
  }
  return all
}
