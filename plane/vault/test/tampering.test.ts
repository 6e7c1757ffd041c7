import assert from 'node:assert/strict'
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import type { Cell, Row } from '@headgate/model'
import { type AnyTable, type ColumnType, DATABASE_FILE, columnsOf, insert, tables, update } from '@headgate/store'
import { type Finding, type SealedStore, verifyAudit } from '@headgate/vault'
import { type Place, auditOf, by, commit, dev, openPlace, organisation, owner, populate, temporaryPlace } from './sealed-folder.ts'

interface Attack {
  readonly place: Place
  readonly raw: DatabaseSync
  /** What a newly opened folder finds. */
  readonly findings: () => Promise<readonly Finding[]>
}

/** A populated folder that is closed, and hands for somebody who can write to its database. */
async function attacked(t: TestContext): Promise<Attack> {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  await sealed.close()
  const raw = new DatabaseSync(join(place.folder, DATABASE_FILE), { enableForeignKeyConstraints: false })
  t.after(() => raw.isOpen && raw.close())
  raw.exec('pragma synchronous = off')
  // Who can write rows can take indexes away, too.
  for (const { name } of raw.prepare(`select name from sqlite_master where type = 'index' and sql is not null`).all())
    raw.exec(`drop index "${name}"`)
  return { place, raw, findings: () => inspect(place) }
}

async function inspect(place: Place): Promise<readonly Finding[]> {
  const { database, vault, close } = await openPlace(place, { create: false, for: 'inspection' })
  try {
    return (await verifyAudit({ database, vault })).findings
  } finally {
    await close()
  }
}

const protectedTables = Object.values<AnyTable>(tables).filter((table) => table.protected)
const keyOf = (table: AnyTable, row: Row) => table.key.map((column) => String(row[column])).join('/')
const rowsOf = (raw: DatabaseSync, table: AnyTable): Row[] =>
  raw.prepare(`select * from "${table.name}" order by ${table.key.map((column) => `"${column}"`).join(', ')}`).all() as Row[]

/** Another value of the same kind. */
function changed(cell: Cell | undefined, type?: ColumnType): Cell {
  if (cell === null) return { text: 'x', bytes: Buffer.alloc(32), integer: 7 }[(type ?? 'integer').replace('?', '') as 'text']
  if (cell instanceof Uint8Array) {
    const bytes = Buffer.from(cell)
    bytes[bytes.length - 1]! ^= 1
    return bytes
  }
  if (typeof cell === 'number') return cell + 1_000
  return `${cell}x`
}

function put(raw: DatabaseSync, table: AnyTable, key: Row, columns: Row): void {
  const set = Object.keys(columns).map((column) => `"${column}" = ?`)
  const where = table.key.map((column) => `"${column}" = ?`)
  const values = [...Object.values(columns), ...table.key.map((column) => key[column] ?? null)]
  raw.prepare(`update "${table.name}" set ${set.join(', ')} where ${where.join(' and ')}`).run(...values)
}

test('an untouched folder verifies, working and stopped', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  const working = await verifyAudit(sealed)
  assert.deepEqual(working.findings, [])
  assert.ok(working.ok)
  await sealed.close()
  assert.deepEqual(await inspect(place), [])
  const again = await openPlace(place)
  const report = await verifyAudit(again)
  assert.ok(report.ok && report.anchored)
  assert.equal(report.size, await again.store.audit.size())
  assert.ok(report.checked.rows > 30 && report.checked.revisions === 4)
  await again.close()
})

test('every column of every protected table: an edit is found, and the row is named', async (t) => {
  const { place, raw, findings } = await attacked(t)
  const open = await openPlace(place, { create: false, for: 'inspection' })
  const found = async (table: AnyTable) => (table.name === 'key_records' ? findings() : (await verifyAudit(open)).findings)
  let edits = 0
  const others = protectedTables.filter((table) => table.name !== 'key_records')
  for (const table of [...others, tables.key_records]) {
    // Keys are read when a folder is opened.
    if (table.name === 'key_records') await open.close()
    const [row] = rowsOf(raw, table)
    assert.ok(row, `${table.name} has rows`)
    for (const column of columnsOf(table)) {
      const edited = changed(row[column], table.columns[column])
      put(raw, table, row, { [column]: edited })
      const now = { ...row, ...(table.key.includes(column) ? { [column]: edited } : {}) }
      const named = await found(table)
      assert.ok(
        named.some((finding) => finding.table === table.name && finding.key === keyOf(table, now)),
        `${table.name}.${column}: ${JSON.stringify(named)}`,
      )
      put(raw, table, now, { [column]: row[column] ?? null })
      edits += 1
    }
  }
  assert.deepEqual(await findings(), [])
  assert.ok(edits > 100, `${edits} edits`)
})

test('any two rows of a table that change places are both found', async (t) => {
  const { raw, findings } = await attacked(t)
  for (const table of protectedTables) {
    const [left, right] = rowsOf(raw, table)
    assert.ok(left && right, `${table.name} has two rows`)
    const rest = (row: Row) => Object.fromEntries(Object.entries(row).filter(([column]) => !table.key.includes(column)))
    put(raw, table, left, rest(right))
    put(raw, table, right, rest(left))
    const named = (await findings()).filter((finding) => finding.table === table.name).map((finding) => finding.key)
    assert.ok(named.includes(keyOf(table, left)) && named.includes(keyOf(table, right)), `${table.name}: ${named}`)
    put(raw, table, left, rest(left))
    put(raw, table, right, rest(right))
  }
  assert.deepEqual(await findings(), [])
})

test('a row that is taken out is missed, and one that is put in is not believed', async (t) => {
  const { raw, findings } = await attacked(t)
  for (const table of protectedTables) {
    const row = rowsOf(raw, table).at(-1)
    assert.ok(row)
    const where = table.key.map((column) => `"${column}" = ?`).join(' and ')
    raw.prepare(`delete from "${table.name}" where ${where}`).run(...table.key.map((column) => row[column] ?? null))
    const gone = await findings()
    const isNamed = gone.some(
      (finding) => finding.table === table.name && (finding.key === keyOf(table, row) || finding.leaf === row['leaf']),
    )
    assert.ok(
      isNamed || gone.some((finding) => table.name === 'audit' && finding.code === 'LOG_CUT'),
      `${table.name}: ${JSON.stringify(gone)}`,
    )
    const columns = columnsOf(table)
    const insertRow = raw.prepare(
      `insert into "${table.name}" (${columns.map((column) => `"${column}"`).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    )
    insertRow.run(...columns.map((column) => row[column] ?? null))
    if (table.name === 'audit') continue
    const [unique] = table.key
    const forged: Row = { ...row, [unique as string]: changed(row[unique as string]) }
    insertRow.run(...columns.map((column) => forged[column] ?? null))
    assert.ok(
      (await findings()).some((finding) => finding.table === table.name && finding.key === keyOf(table, forged)),
      table.name,
    )
    raw.prepare(`delete from "${table.name}" where ${where}`).run(...table.key.map((column) => forged[column] ?? null))
  }
  assert.deepEqual(await findings(), [])
})

/** Changes a row through the front door, and answers it as it was before. */
async function changeProperly(
  place: Place,
  pick: (sealed: SealedStore) => Promise<{ table: string; before: Row }>,
): Promise<{ table: AnyTable; before: Row }> {
  const sealed = await openPlace(place)
  const { table, before } = await pick(sealed)
  await sealed.close()
  return { table: tables[table as 'tags'], before }
}

test('an older state of a row, genuine as it is, is found', async (t) => {
  const { place, raw, findings } = await attacked(t)
  const cases = [
    async (sealed: SealedStore) => {
      const before = await sealed.store.bindings.get('b-one' as never)
      assert.ok(before)
      await commit(sealed, [update('bindings', before, { expires_at: 5 })])
      return { table: 'bindings', before: before as unknown as Row }
    },
    async (sealed: SealedStore) => {
      const before = await sealed.store.tokens.get('t-one' as never)
      assert.ok(before)
      await commit(sealed, [update('tokens', before, { revoked_at: 5 })])
      return { table: 'tokens', before: before as unknown as Row }
    },
    async (sealed: SealedStore) => {
      const before = await sealed.store.environments.get(dev)
      assert.ok(before)
      await commit(sealed, sealed.vault.newRevision(before, 'x: 1', by).writes)
      return { table: 'environments', before: before as unknown as Row }
    },
  ]
  for (const pick of cases) {
    const { table, before } = await changeProperly(place, pick)
    const now = rowsOf(raw, table).find((row) => keyOf(table, row) === keyOf(table, before)) as Row
    put(raw, table, before, before)
    assert.ok(
      (await findings()).some((finding) => finding.code === 'ROW_REPLAYED' && finding.key === keyOf(table, before)),
      table.name,
    )
    put(raw, table, now, now)
  }
  assert.deepEqual(await findings(), [])
})

test('a row that was removed and is put back is found', async (t) => {
  const { place, raw, findings } = await attacked(t)
  const { before } = await changeProperly(place, async (sealed) => {
    const row = await sealed.store.bindings.get('b-two' as never)
    assert.ok(row)
    const { remove } = await import('@headgate/store')
    await commit(sealed, [remove('bindings', row)])
    return { table: 'bindings', before: row as unknown as Row }
  })
  const columns = columnsOf(tables.bindings)
  raw
    .prepare(`insert into "bindings" (${columns.map((column) => `"${column}"`).join(', ')}) values (${columns.map(() => '?').join(', ')})`)
    .run(...columns.map((column) => before[column] ?? null))
  assert.deepEqual(
    (await findings()).map(({ code, key }) => [code, key]),
    [['ROW_UNKNOWN', 'b-two']],
  )
})

test('of the log: a dropped, a reordered and a cut-off record, a changed hash and a changed checkpoint are each named', async (t) => {
  const { place, raw, findings } = await attacked(t)
  const restore = join(place.root, 'good.db')
  raw.exec('pragma wal_checkpoint(truncate)')
  copyFileSync(join(place.folder, DATABASE_FILE), restore)
  const attempt = async (sql: string): Promise<readonly Finding[]> => {
    raw.exec(sql)
    const found = await findings()
    const columns = ['audit', 'checkpoints', 'audit_tiles']
    raw.exec(`attach '${restore}' as good`)
    for (const table of columns) raw.exec(`delete from "${table}"; insert into "${table}" select * from good."${table}"`)
    raw.exec('detach good')
    assert.deepEqual(await findings(), [])
    return found
  }
  const has = (found: readonly Finding[], code: string, leaf?: number) =>
    assert.ok(
      found.some((finding) => finding.code === code && (leaf === undefined || finding.leaf === leaf)),
      JSON.stringify(found),
    )
  has(await attempt('delete from audit where leaf = 4'), 'RECORD_MISSING', 4)
  has(await attempt('update audit set leaf = null where leaf = 4'), 'RECORD_UNSEQUENCED')
  const swapped = await attempt(
    'update audit set leaf = 99 where leaf = 3; update audit set leaf = 3 where leaf = 4; update audit set leaf = 4 where leaf = 99',
  )
  has(swapped, 'RECORD_TAMPERED', 3)
  has(swapped, 'RECORD_TAMPERED', 4)
  has(await attempt('delete from audit where leaf > 8'), 'LOG_CUT')
  has(await attempt('delete from audit where leaf > 8; delete from checkpoints'), 'LOG_CUT')
  has(await attempt(`update checkpoints set note = replace(note, 'headgate/', 'headgate?')`), 'CHECKPOINT_DIFFERS')
  has(await attempt(`delete from checkpoints`), 'CHECKPOINT_DIFFERS')
})

test('a stored hash of the tree that was changed is named', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  await Promise.all(Array.from({ length: 300 }, () => commit(sealed, [], auditOf('environment.open'))))
  await sealed.close()
  const raw = new DatabaseSync(join(place.folder, DATABASE_FILE))
  const tile = raw.prepare('select hashes from audit_tiles').get() as { hashes: Uint8Array }
  raw.prepare('update audit_tiles set hashes = ?').run(changed(tile.hashes))
  assert.deepEqual(
    (await inspect(place)).map(({ code, key }) => [code, key]),
    [['TILE_DIFFERS', '0/0']],
  )
  await assert.rejects(openPlace(place), { code: 'LOG_DIVERGED' })
  raw.prepare('update audit_tiles set hashes = ?').run(tile.hashes)
  // With the hash kept in its tile, one lost record is one finding, and the rest is still checked.
  raw.exec('delete from audit where leaf = 20')
  const found = (await inspect(place)).filter((finding) => finding.table === 'audit')
  assert.deepEqual(
    found.map(({ code, leaf }) => [code, leaf]),
    [['RECORD_MISSING', 20]],
  )
  raw.close()
})

test('an older copy of the whole database is refused at the start and named by verify', async (t) => {
  const place = temporaryPlace(t)
  const first = await openPlace(place)
  await populate(first)
  await first.close()
  const older = join(place.root, 'older')
  cpSync(place.folder, older, { recursive: true })
  const second = await openPlace(place)
  await commit(second, [])
  await second.close()
  rmSync(place.folder, { recursive: true })
  cpSync(older, place.folder, { recursive: true })
  await assert.rejects(openPlace(place), { code: 'DATA_ROLLED_BACK', message: /an older copy|older than its own log/ })
  const found = await inspect(place)
  assert.deepEqual(
    found.map((finding) => finding.code),
    ['LOG_CUT'],
  )
})

test('a history that was written anew from an older copy does not fit the kept checkpoint', async (t) => {
  const place = temporaryPlace(t)
  const first = await openPlace(place)
  await populate(first)
  await first.close()
  const older = join(place.root, 'older')
  cpSync(place.folder, older, { recursive: true })
  const anchorFile = `${place.keyFile}.checkpoint`
  const kept = async (name: string) => {
    const sealed = await openPlace(place)
    await commit(sealed, [insert('projects', { organisation, name, created_at: by.time })])
    await sealed.close()
    return readFileSync(anchorFile, 'utf8')
  }
  const before = readFileSync(anchorFile, 'utf8')
  const honest = await kept('honest')
  rmSync(place.folder, { recursive: true })
  cpSync(older, place.folder, { recursive: true })
  writeFileSync(anchorFile, before)
  await kept('forged')
  writeFileSync(anchorFile, honest)
  await assert.rejects(openPlace(place), { code: 'LOG_DIVERGED' })
  const codes = (await inspect(place)).map((finding) => finding.code)
  assert.deepEqual(codes, ['CHECKPOINT_DIFFERS'])
})

test('reads refuse what was changed at once, long before anybody verifies', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  const raw = new DatabaseSync(join(place.folder, DATABASE_FILE))
  const { store } = sealed
  const attempts: [string, () => Promise<unknown>][] = [
    [`update bindings set role = 'owner'`, () => store.bindings.of(organisation, owner).then(() => store.bindings.list(organisation))],
    [`update tokens set principal = 'p-one'`, () => store.tokens.list(organisation)],
    [`update tokens set revoked_at = null, expires_at = 99`, () => store.tokens.get('t-one' as never)],
    [`update roles set statements = '[1]'`, () => store.roles.list(organisation)],
    [`update tags set revision = 3`, () => store.tags.get(dev, 'one')],
    [`update environments set project = 'theirs'`, () => store.environments.get(dev)],
    [
      `update records set environment = 'e-staging'`,
      () =>
        store.records.get(
          raw
            .prepare('select id from records')
            .all()
            .map((row) => row['id'] as never),
        ),
    ],
    [`update revisions set sealed = x'00'`, () => store.revisions.latest(dev)],
    [`update principals set disabled_at = null, kind = 'user', name = name || 'x'`, () => store.principals.list(organisation)],
    [`update team_members set principal = 'p-owner' where team = 'one'`, () => store.teams.members(organisation, 'one')],
    [`update audit set actor = 'p-one'`, () => store.audit.page()],
  ]
  for (const [sql, read] of attempts) {
    raw.exec(sql)
    await assert.rejects(read, { code: 'ROW_TAMPERED' }, sql)
  }
  raw.close()
  await sealed.close()
})
