import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { DATABASE_FILE, insert, openDatabase, openMemoryDatabase, openSnapshot, tables, columnsOf, type AnyTable } from '@headgate/store'
import { organisation, startStore } from './conformance/plain-store.ts'
import { storeConformance } from './conformance/store-conformance.ts'
import { startProcess } from '../../../test/child-process.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

storeConformance('sqlite', async (t) => openDatabase({ folder: join(temporaryFolder(t), 'data') }))
storeConformance('sqlite in memory', openMemoryDatabase)

test('every commit is durable: the settings that make it so are on', async (t) => {
  const database = await openDatabase({ folder: temporaryFolder(t) })
  const setting = async (name: string) => Object.values((await database.write.all(`pragma ${name}`))[0] ?? {})[0]
  assert.equal(await setting('journal_mode'), 'wal')
  assert.equal(await setting('synchronous'), 2)
  assert.equal(await setting('foreign_keys'), 1)
  assert.ok(Number(await setting('busy_timeout')) > 0)
  await database.close()
})

test('a table holds the columns of its definition, no more and no fewer', async () => {
  const database = await openMemoryDatabase()
  for (const table of Object.values<AnyTable>(tables)) {
    const columns = (await database.write.all(`select "name", "type", "notnull" from pragma_table_info('${table.name}')`)) as {
      name: string
      type: string
      notnull: number
    }[]
    assert.deepEqual(
      columns.map(({ name }) => name),
      columnsOf(table),
      table.name,
    )
    for (const { name, type, notnull } of columns) {
      const expected = table.columns[name] ?? (name === 'mac' ? 'bytes' : 'integer')
      const found = `${{ INTEGER: 'integer', TEXT: 'text', BLOB: 'bytes' }[type]}${notnull ? '' : '?'}`
      assert.equal(found, expected, `${table.name}.${name}`)
    }
  }
  await database.close()
})

test('the data folder and the database are for their owner only', async (t) => {
  const folder = join(temporaryFolder(t), 'new', 'data')
  const { close } = await startStore(await openDatabase({ folder }))
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  for (const file of [DATABASE_FILE, `${DATABASE_FILE}-wal`, 'plane.pid']) assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file)
  await close()
})

test('a folder is one process: the second is told whose it is, and the lock ends with its holder', async (t) => {
  const folder = temporaryFolder(t)
  const first = await openDatabase({ folder })
  await assert.rejects(openDatabase({ folder }), { code: 'DATA_LOCKED', message: new RegExp(`process ${process.pid}`) })
  await first.close()
  await (await openDatabase({ folder })).close()
})

test('a holder that was killed leaves no lock, and the folder opens at once', async (t) => {
  const folder = temporaryFolder(t)
  const holder = startProcess(t, ['node', '--conditions=source', '--input-type=module', '-e', HOLD, folder], { cwd: import.meta.dirname })
  await holder.line(/^open$/)
  await assert.rejects(openDatabase({ folder }), { code: 'DATA_LOCKED', message: new RegExp(`process ${holder.pid}`) })
  await holder.killGroup()
  await (await openDatabase({ folder })).close()
})

const HOLD = `import { openDatabase } from '@headgate/store'
await openDatabase({ folder: process.argv[1] })
console.log('open')
setInterval(() => {}, 1000)`

test('a database of a newer program is refused, unchanged', async (t) => {
  const folder = temporaryFolder(t)
  await (await openDatabase({ folder })).close()
  const newer = new DatabaseSync(join(folder, DATABASE_FILE))
  newer.exec(`insert into schema_history values (99, '0099-from-the-future')`)
  newer.close()
  const before = readFileSync(join(folder, DATABASE_FILE))
  await assert.rejects(openDatabase({ folder }), { code: 'DATA_NEWER' })
  assert.deepEqual(readFileSync(join(folder, DATABASE_FILE)), before)
})

test('a file that is no database, and a folder without one, are refused in words', async (t) => {
  const folder = temporaryFolder(t)
  await assert.rejects(openDatabase({ folder, create: false }), { code: 'DATA_MISSING' })
  assert.ok(!existsSync(join(folder, DATABASE_FILE)))
  writeFileSync(join(folder, DATABASE_FILE), 'this is not a database, and long enough to look like one'.repeat(100))
  await assert.rejects(openDatabase({ folder }), { code: 'DATA_DAMAGED' })
  await assert.rejects(openDatabase({ folder }), { code: 'DATA_DAMAGED' })
})

test('a read of a page that was overwritten says that the file is damaged, and reads of others go on', async (t) => {
  const folder = temporaryFolder(t)
  await (await startStore(await openDatabase({ folder }))).close()
  const file = join(folder, DATABASE_FILE)
  const raw = new DatabaseSync(file)
  const [{ root } = { root: 0 }] = raw.prepare(`select rootpage as root from sqlite_master where name = 'tokens'`).all() as {
    root: number
  }[]
  raw.close()
  const bytes = readFileSync(file)
  const size = bytes.readUInt16BE(16)
  writeFileSync(file, bytes.fill(0, (root - 1) * size, root * size))
  const database = await openDatabase({ folder })
  await assert.rejects(database.read.selectFrom('tokens').selectAll().execute(), { code: 'DATA_DAMAGED', message: new RegExp(folder) })
  assert.deepEqual(await database.read.selectFrom('webhooks').selectAll().execute(), [])
  // A mistake of the program stays one.
  await assert.rejects(
    database.read
      .selectFrom('nowhere' as 'tokens')
      .selectAll()
      .execute(),
    { code: 'ERR_SQLITE_ERROR' },
  )
  await database.close()
})

test('change numbers go on where they ended', async (t) => {
  const folder = temporaryFolder(t)
  const first = await startStore(await openDatabase({ folder }))
  await first.close()
  const again = await startStore(await openDatabase({ folder }), 'founded')
  const result = await again.commit({})
  assert.equal(result.ok && result.value.change, 2)
  await again.close()
})

test('a copy is one consistent state, made while writes go on', async (t) => {
  const folder = temporaryFolder(t)
  const { database, commit, close } = await startStore(await openDatabase({ folder }))
  const project = (n: number) => commit({ writes: [insert('projects', { organisation, name: `p${n}`, created_at: n })] })
  for (let n = 0; n < 200; n += 1) void project(n)
  await project(200)
  const copied = database.copyTo(join(folder, 'copy.db'))
  await Promise.all([copied, ...Array.from({ length: 100 }, (_, n) => project(201 + n))])
  const copy = openSnapshot(join(folder, 'copy.db'))
  const [counts] = await copy.all('select (select count(*) from "projects") as "projects", (select count(*) from "audit") as "audit"')
  assert.ok(Number(counts?.['projects']) >= 201)
  assert.equal(counts?.['audit'], Number(counts?.['projects']) + 1)
  await copy.close()
  await close()
})

test('a snapshot stays at its moment', async (t) => {
  const { database, commit, close } = await startStore(await openDatabase({ folder: temporaryFolder(t) }))
  const snapshot = await database.snapshot()
  const count = async () => (await snapshot.all('select count(*) as "count" from "projects"'))[0]?.['count']
  await commit({ writes: [insert('projects', { organisation, name: 'shop', created_at: 1 })] })
  assert.equal(await count(), 0)
  await snapshot.close()
  await close()
})
