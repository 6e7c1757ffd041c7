import assert from 'node:assert/strict'
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import type { Row } from '@headgate/model'
import { type AnyTable, DATABASE_FILE, columnsOf, insert, tables, update } from '@headgate/store'
import { type Finding, type SealedStore, verifyAudit } from '@headgate/vault'
import { changed, findingsIn, keyOf } from './hands.ts'
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
  return { place, raw, findings: () => findingsIn(place) }
}

const rowsOf = (raw: DatabaseSync, table: AnyTable): Row[] =>
  raw.prepare(`select * from "${table.name}" order by ${table.key.map((column) => `"${column}"`).join(', ')}`).all() as Row[]

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
  assert.deepEqual(await findingsIn(place), [])
  const again = await openPlace(place)
  const report = await verifyAudit(again)
  assert.ok(report.ok && report.anchored)
  assert.equal(report.size, await again.store.audit.size())
  assert.ok(report.checked.rows > 30 && report.checked.revisions === 4)
  await again.close()
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
    (await findingsIn(place)).map(({ code, key }) => [code, key]),
    [['TILE_DIFFERS', '0/0']],
  )
  await assert.rejects(openPlace(place), { code: 'LOG_DIVERGED' })
  raw.prepare('update audit_tiles set hashes = ?').run(tile.hashes)
  // With the hash kept in its tile, one lost record is one finding, and the rest is still checked.
  raw.exec('delete from audit where leaf = 20')
  const found = (await findingsIn(place)).filter((finding) => finding.table === 'audit')
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
  const found = await findingsIn(place)
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
  const codes = (await findingsIn(place)).map((finding) => finding.code)
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

test('without the key that rows are checked with, verify says so first, and names it', async (t) => {
  const { raw, findings } = await attacked(t)
  const key = raw.prepare(`select id from key_records where purpose = 'mac'`).get()?.['id']
  raw.exec(`delete from key_records where purpose = 'mac'`)
  const [first] = await findings()
  assert.deepEqual([first?.code, first?.table, first?.key], ['KEY_MISSING', 'key_records', key])
})

test('a table that is gone, and a page that is overwritten, are told as damage and not as a mistake of the program', async (t) => {
  const { raw, place, findings } = await attacked(t)
  const [{ root } = { root: 0 }] = raw.prepare(`select rootpage as root from sqlite_master where name = 'records'`).all() as {
    root: number
  }[]
  raw.exec('drop table "webhooks"')
  raw.close()
  await assert.rejects(findings(), { code: 'DATA_DAMAGED', message: /no such table: webhooks/ })
  const file = join(place.folder, DATABASE_FILE)
  const bytes = readFileSync(file)
  const size = bytes.readUInt16BE(16)
  writeFileSync(file, bytes.fill(0, (root - 1) * size, root * size))
  await assert.rejects(findings(), { code: 'DATA_DAMAGED', message: /malformed/ })
})
