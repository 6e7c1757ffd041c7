import type { Input } from '@headgate/contract'
import { type EnvironmentRow } from '@headgate/store'
import { verifyAudit } from '@headgate/vault'
import { type Entry, type Expected, expectedOf, valueOf } from './ledger.ts'
import { type Ground, type OpenPlane, openPlane } from './plane-at.ts'

/** What keeps a promise from being kept, in words; none for a data folder that is as it must be. */
export type Broken = string

/**
 * Opens a data folder after whatever happened to it and holds it against what the workload was told: a clean start, no
 * finding, nothing lost that was acknowledged, nothing half there, no secret out without its record, and it takes writes
 * again.
 */
export async function checkPromises(ground: Ground, entries: readonly Entry[]): Promise<Broken[]> {
  let plane: OpenPlane
  try {
    plane = await openPlane(ground)
  } catch (error) {
    return [`it does not start: ${String(error)}`]
  }
  try {
    const report = await verifyAudit({ database: plane.sealed.database, vault: plane.sealed.vault })
    return [
      ...report.findings.map((finding) => `audit verify: ${finding.code} ${finding.message}`),
      ...(await missingRecords(plane, entries)),
      ...(await brokenStates(plane, expectedOf(entries))),
      ...(await unreadable(plane, entries)),
    ]
  } catch (error) {
    return [`it cannot be used: ${error instanceof Error ? error.stack : String(error)}`]
  } finally {
    await plane.close()
  }
}

/** Every act that was acknowledged, an opened secret above all, has its record in the log. */
async function missingRecords({ sealed: { store, vault } }: OpenPlane, entries: readonly Entry[]): Promise<Broken[]> {
  const recorded = new Set<string>()
  for (let after = 0; ;) {
    const rows = await store.audit.page({ after, limit: 1_000 })
    for (const row of rows) {
      const request = vault.openAudit(row).details?.['request']
      if (row.outcome === 'ok' && typeof request === 'string') recorded.add(request)
    }
    const last = rows.at(-1)
    if (!last) break
    after = last.change
  }
  return entries.flatMap(({ request, act, outcome }) =>
    outcome !== 'done' || recorded.has(request)
      ? []
      : [act.kind === 'open' ? `${request}: a secret left without its record` : `${request}: the ${act.kind} is not on record`],
  )
}

async function brokenStates({ sealed: { store } }: OpenPlane, expected: Expected): Promise<Broken[]> {
  const [organisation] = await store.organisations.list()
  if (!organisation) return ['the organisation is gone']
  const rows = new Map<string, EnvironmentRow>()
  for (const deleted of ['without', 'only'] as const)
    for (const row of await store.environments.list(organisation.id, { deleted })) rows.set(`${row.project}/${row.name}`, row)
  const broken: Broken[] = []
  for (const [name, heads] of expected.heads) {
    const row = rows.get(name)
    if (!heads.has(row?.head_revision ?? 0))
      broken.push(`${name} is at revision ${row?.head_revision ?? 0}, and was said to be at ${[...heads].join(' or ')}`)
    if (!row) continue
    const revisions = await store.revisions.list(row.id)
    if (revisions.length !== row.head_revision) broken.push(`${name} has ${revisions.length} revisions, and says ${row.head_revision}`)
    const states = expected.deleted.get(name) ?? new Set([false])
    if (!states.has(row.deleted_at !== null))
      broken.push(`${name} is ${row.deleted_at === null ? 'there' : 'deleted'}, and was said not to be`)
  }
  for (const [name, revisions] of expected.tags) {
    const [environment = '', tag = ''] = name.split(' ')
    const row = rows.get(environment)
    const actual = row && (await store.tags.get(row.id, tag))
    if (row && !revisions.has(actual?.revision ?? null))
      broken.push(`the tag ${name} names ${actual?.revision ?? 'nothing'}, and was said to name ${[...revisions].join(' or ')}`)
  }
  return broken
}

/** The newest acknowledged secret of each environment that is there opens to the value it was saved with. */
async function unreadable(plane: OpenPlane, entries: readonly Entry[]): Promise<Broken[]> {
  const newest = new Map<string, Entry>()
  const gone = new Set(entries.flatMap(({ act }) => (act.kind === 'delete' ? [act.environment] : [])))
  for (const entry of entries)
    if (entry.act.kind === 'save' && entry.outcome === 'done' && !gone.has(entry.act.environment)) newest.set(entry.act.environment, entry)
  const broken: Broken[] = []
  for (const [name, { request, act }] of newest) {
    const [project = '', environment = ''] = name.split('/')
    const input = { params: { organisation: 'main', project, environment }, query: { version: String(act.revision) } }
    const origin = { request: `check-${request}`, address: '127.0.0.1' }
    const opened = await plane.operations.call('openEnvironment', plane.caller, input as Input<'openEnvironment'>, origin)
    const password = opened.ok ? opened.value.values['password'] : opened.problem.code
    if (password !== valueOf(request)) broken.push(`${name}@${act.revision} opens to ${JSON.stringify(password)}`)
  }
  return broken
}
