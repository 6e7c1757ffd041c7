import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  type AuditRecord,
  type Cell,
  type Change,
  type Committed,
  type EnvironmentId,
  type OrganisationId,
  type PrincipalId,
  type Row,
  Secret,
  idOf,
} from '@headgate/model'
import { type AnyTable, type EnvironmentRow, insert, tables, update } from '@headgate/store'
import { type SealedStore, type SealedStoreOptions, keyFileSource, openSealedStore } from '@headgate/vault'
import { sealPlaceOf } from '../src/rotation/seal-places.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

export const organisation: OrganisationId = idOf('o-1')
export const owner: PrincipalId = idOf('p-owner')
export const dev: EnvironmentId = idOf('e-dev')
export const staging: EnvironmentId = idOf('e-staging')
export const inDev = { organisation, environment: dev }
export const inStaging = { organisation, environment: staging }
export const by = { author: owner, time: 1_700_000_000_000 }

/** Where a test keeps a data folder and, beside it, the key. */
export interface Place {
  readonly root: string
  readonly folder: string
  readonly keyFile: string
  /** Of a PostgreSQL database; absent where the database is a SQLite file in the folder. */
  readonly address?: Secret
}

export function temporaryPlace(t: TestContext): Place {
  const root = temporaryFolder(t, { spaces: true })
  return { root, folder: join(root, 'data'), keyFile: join(root, 'keys', 'root.key') }
}

export function openPlace({ folder, keyFile, address }: Place, options: Partial<SealedStoreOptions> = {}): Promise<SealedStore> {
  return openSealedStore({ folder, ...(address ? { address } : {}), keySource: keyFileSource({ file: keyFile }), ...options })
}

export function auditOf(action: string, details?: AuditRecord['details']): AuditRecord {
  const record = { time: by.time, organisation, actor: owner, actorName: 'owner', action, resource: 'organisation:main' }
  return { ...record, outcome: 'ok', ...(details ? { details } : {}) }
}

/** Commits what must not be refused. */
export async function commit({ changes }: SealedStore, writes: Change['writes'], audit = auditOf('test.write')): Promise<Committed> {
  const result = await changes.commit({ expect: [], writes, audit })
  assert.ok(result.ok, result.ok ? '' : result.problem.message)
  return result.value
}

/** An organisation with an owner and two environments of one revision each. */
export async function found(sealed: SealedStore): Promise<void> {
  const { vault } = sealed
  await commit(sealed, [
    insert('organisations', { id: organisation, name: 'main', created_at: by.time }),
    ...vault.newOrganisation(organisation, by.time),
    insert('principals', { id: owner, organisation, kind: 'user', name: 'owner', created_at: by.time, disabled_at: null }),
    insert('projects', { organisation, name: 'shop', created_at: by.time }),
  ])
  const named = { organisation, project: 'shop' }
  await commit(sealed, vault.newEnvironment({ ...named, id: dev, name: 'dev' }, 'values:\n  colour: red\n', by).writes)
  await commit(sealed, vault.newEnvironment({ ...named, id: staging, name: 'staging' }, 'values: {}\n', by).writes)
}

/** At least two rows in every protected table, some of them written twice. */
export async function populate(sealed: SealedStore): Promise<void> {
  const { vault, store } = sealed
  await found(sealed)
  for (const [place, value] of [
    [inDev, 'a'],
    [inDev, 'b'],
    [inStaging, 'c'],
  ] as const)
    await commit(sealed, [insert('records', vault.sealSecret(place, new Secret(`secret ${value}`), by.time).record)])
  for (const text of ['values:\n  colour: green\n', 'values:\n  colour: blue\n']) {
    const environment = (await store.environments.get(dev)) as EnvironmentRow
    await commit(sealed, vault.newRevision(environment, text, by).writes)
  }
  for (const name of ['one', 'two']) await commit(sealed, oneOfEach(sealed, name))
  await fillEmptyTables(sealed)
  const tag = await store.tags.get(dev, 'one')
  assert.ok(tag)
  await commit(sealed, [update('tags', tag, { revision: 2 })])
}

/** A row of every table of this package that stands for itself. */
function oneOfEach({ vault }: SealedStore, name: string): Change['writes'] {
  const created = { created_at: by.time }
  const named = { ...created, organisation, name }
  return [
    insert('organisations', { ...created, id: idOf(`o-${name}`), name }),
    insert('projects', named),
    insert('principals', { ...named, id: idOf(`p-${name}`), kind: 'machine', disabled_at: null }),
    insert('teams', named),
    insert('team_members', { ...created, organisation, team: name, principal: idOf(`p-${name}`) }),
    insert('roles', { ...named, description: '', statements: '[]' }),
    insert('bindings', {
      ...created,
      id: idOf(`b-${name}`),
      organisation,
      role: 'viewer',
      subject_kind: 'team',
      subject: name,
      created_by: owner,
      expires_at: null,
    }),
    insert('tokens', {
      ...named,
      id: idOf(`t-${name}`),
      principal: owner,
      kind: 'user',
      digest: vault.mintToken('user').digest,
      expires_at: null,
      revoked_at: null,
    }),
    insert('tags', { environment: dev, name, revision: 1, author: owner, moved_at: by.time }),
    // Nothing has been let go of: a segment that ends where the log begins.
    insert('audit_segments', {
      end: name === 'one' ? 0 : -256,
      first: 0,
      since: by.time,
      until: by.time,
      last_change: 0,
      root: Buffer.alloc(32),
      carried: '',
      pruned_at: by.time,
    }),
    insert('migrations', {
      ...created,
      id: idOf(`m-${name}`),
      organisation,
      project: 'shop',
      state: 'applied',
      author: owner,
      rolled_back_at: null,
      sealed: vault.sealDocument(organisation, 'migration', `m-${name}`, Buffer.from('{}')),
    }),
  ]
}

/** Two rows for each protected table that has none by now: tables of other packages, filled by type and reference alone. */
async function fillEmptyTables(sealed: SealedStore): Promise<void> {
  const { all } = sealed.database.write
  const known: Record<string, string> = { organisation, environment: dev, principal: owner, author: owner }
  for (const table of Object.values<AnyTable>(tables)) {
    const [row] = await all(`select 1 from "${table.name}" limit 1`)
    if (row || !table.protected) continue
    const references = new Map<string, Row[]>()
    for (const { from, table: other, to } of await all(foreignKeys(sealed.database.shared ? 'postgres' : 'sqlite', table.name)))
      references.set(String(from), await all(`select "${to}" as "value" from "${other}" order by 1`))
    const cell = (column: string, type: string, n: number): Cell => {
      const referred = references.get(column)
      if (referred) return (referred[n] ?? referred[0])?.['value'] ?? null
      if (type.startsWith('integer')) return n
      return type.startsWith('bytes') ? Buffer.alloc(8, n) : (known[column] ?? `${column}-${n}`)
    }
    const rowOf = (n: number) =>
      sealedRow(
        sealed,
        table.name,
        Object.fromEntries(Object.entries(table.columns).map(([column, type]) => [column, cell(column, type, n)])),
      )
    await commit(
      sealed,
      [0, 1].map((n) => ({ op: 'insert', table: table.name, row: rowOf(n) })),
    )
  }
}

/** With something sealed for exactly this row, where its table has a sealed column. */
export function sealedRow({ vault }: SealedStore, table: string, row: Row): Row {
  const place = sealPlaceOf(table, row)
  if (!place) return row
  return { ...row, sealed: vault.sealDocument(organisation, place.type.replace('document:', ''), place.id, Buffer.from('{}')) }
}

/** What a table refers to, as each dialect tells it. */
function foreignKeys(dialect: 'sqlite' | 'postgres', table: string): string {
  if (dialect === 'sqlite') return `select "from", "table", "to" from pragma_foreign_key_list('${table}')`
  return (
    `select k.column_name as "from", c.table_name as "table", c.column_name as "to" from information_schema.table_constraints t ` +
    `join information_schema.key_column_usage k on k.constraint_schema = t.constraint_schema and k.constraint_name = t.constraint_name ` +
    `join information_schema.constraint_column_usage c on c.constraint_schema = t.constraint_schema and c.constraint_name = t.constraint_name ` +
    `where t.constraint_type = 'FOREIGN KEY' and t.table_name = '${table}'`
  )
}
