import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { type CommitNotice, HeadgateError, Secret } from '@headgate/model'
import { type AnyTable, DATABASE_FILE, type EnvironmentRow, columnsOf, insert, openDatabase, tables, update } from '@headgate/store'
import { eventually } from '../../../test/eventually.ts'
import { freePort } from '../../../test/free-port.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { postgresDatabase, postgresMissing, sqlOn } from '../../../test/postgres-kit.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { openPostgres } from '../src/postgres/open.ts'
import { type PlainStore, environment, environmentFields, organisation, startStore } from './conformance/plain-store.ts'
import { storeConformance } from './conformance/store-conformance.ts'

const missing = postgresMissing()
if (missing !== undefined) leaveOut('the store on PostgreSQL', missing)
else {
  storeConformance('postgres', async (t) => openDatabase({ folder: dataFolder(t), address: await postgresDatabase(t) }))
  onPostgres()
}

function dataFolder(t: TestContext): string {
  return join(temporaryFolder(t), 'data')
}

/** Two nodes of one database, in this process. */
async function twoNodes(t: TestContext): Promise<{ address: Secret; first: PlainStore; second: PlainStore }> {
  const address = await postgresDatabase(t)
  const first = await startStore(await openDatabase({ folder: dataFolder(t), address }))
  const second = await startStore(await openDatabase({ folder: dataFolder(t), address }), 'founded')
  t.after(() => Promise.all([first.close(), second.close()]))
  return { address, first, second }
}

const project = (name: string) => insert('projects', { organisation, name, created_at: 1 })

/** Ends every connection to a database but the asking one, as an operator or a failing server does. */
const endConnections = (address: Secret, like = '%') =>
  sqlOn(
    address,
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'headgate ${like}'`,
  )

function onPostgres(): void {
  test('two nodes number their changes in one order without a gap in the log, and what one wrote the other reads', async (t) => {
    const { first, second } = await twoNodes(t)
    const nodes = [first, second]
    const results = await Promise.all(Array.from({ length: 120 }, (_, n) => (nodes[n % 2] ?? first).commit({ writes: [project(`p${n}`)] })))
    assert.ok(results.every((result) => result?.ok))
    const log = await second.store.audit.page({ limit: 1_000 })
    assert.deepEqual(
      log.map(({ leaf }) => leaf),
      log.map((_, n) => n),
    )
    const numbers = log.map(({ change }) => change)
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((a, b) => a - b),
    )
    for (const { store } of nodes) assert.equal((await store.projects.list(organisation)).length, 120)
    const commits = first.store.statistics().commits + second.store.statistics().commits
    assert.ok(commits < 60, `${commits} commits`)
  })

  test('of changes that expect the same on two nodes, one is made', async (t) => {
    const { first, second } = await twoNodes(t)
    await first.commit({ writes: [insert('environments', environmentFields)] })
    for (let round = 0; round < 10; round += 1) {
      const before = (await second.store.environments.get(environment)) as EnvironmentRow
      const change = {
        expect: [{ kind: 'head' as const, environment, revision: round, name: 'shop/dev' }],
        writes: [update('environments', before, { head_revision: round + 1 })],
      }
      const results = await Promise.all([first.commit(change), second.commit(change), first.commit(change), second.commit(change)])
      assert.equal(results.filter((result) => result.ok).length, 1)
    }
  })

  test('a node hears of the commits of another in their order, and once', async (t) => {
    const { first, second } = await twoNodes(t)
    const heard: CommitNotice[] = []
    second.store.onCommit((notice) => heard.push(notice))
    for (let n = 0; n < 20; n += 1) await first.commit({ writes: [project(`p${n}`)] })
    await eventually(() => heard.length >= 20)
    const many = Array.from({ length: 300 }, (_, n) =>
      insert('environments', { ...environmentFields, id: `e-${n}` as never, name: `n${n}` }),
    )
    await first.commit({ writes: many })
    await second.commit({ writes: [project('own')] })
    await eventually(() => heard.length >= 22)
    assert.deepEqual(
      heard.slice(0, 20).map(({ tables: written }) => written),
      Array.from({ length: 20 }, () => ['projects']),
    )
    const changes = heard.map(({ change }) => change)
    assert.equal(new Set(changes).size, changes.length)
  })

  test('a listener whose connection was ended hears of what it missed, and goes on listening', async (t) => {
    const { address, first, second } = await twoNodes(t)
    const heard: CommitNotice[] = []
    second.store.onCommit((notice) => heard.push(notice))
    await first.commit({ writes: [insert('environments', environmentFields)] })
    await eventually(() => heard.length === 1)
    const before = (await first.store.environments.get(environment)) as EnvironmentRow
    await endConnections(address, 'listen')
    await first.commit({ writes: [update('environments', before, { head_revision: 7 })] })
    await eventually(() =>
      heard.some(({ missed, environments }) => missed && environments.some(({ id, revision }) => id === environment && revision === 7)),
    )
    const so = heard.length
    await first.commit({ writes: [project('later')] })
    await eventually(() => heard.length > so)
    assert.deepEqual(heard.at(-1)?.tables, ['projects'])
  })

  test('a writer and readers whose connections are ended go on, and nothing they acknowledged is lost or written twice', async (t) => {
    const { address, first } = await twoNodes(t)
    const acknowledged: string[] = []
    const refused: string[] = []
    let ending = true
    const write = async (worker: number) => {
      for (let n = 0; ending; n += 1) {
        const name = `p${worker}-${n}`
        const result = await first.commit({ writes: [project(name)] }).catch((error: unknown) => error as HeadgateError)
        if (result instanceof Error) assert.equal(result.code, 'STORE_UNAVAILABLE')
        ;(result instanceof Error ? refused : acknowledged).push(name)
        await first.store.organisations
          .get(organisation)
          .catch((error: unknown) => assert.equal((error as HeadgateError).code, 'DATABASE_UNREACHABLE'))
      }
    }
    const writing = Promise.all([1, 2, 3, 4].map(write))
    for (let round = 0; round < 10; round += 1) {
      const so = acknowledged.length
      await eventually(() => acknowledged.length > so)
      await endConnections(address)
    }
    const so = acknowledged.length
    await eventually(() => acknowledged.length > so)
    ending = false
    await writing
    const there = new Set((await first.store.projects.list(organisation)).map(({ name }) => name))
    assert.deepEqual(
      acknowledged.filter((name) => !there.has(name)),
      [],
    )
    assert.deepEqual(
      refused.filter((name) => there.has(name)),
      [],
    )
    assert.equal(await first.store.audit.size(), there.size + 1)
  })

  test('a commit whose answer was lost is asked after: it was made, and is told so', async (t) => {
    const address = await postgresDatabase(t)
    const { proxied, cut } = await cuttingProxy(t, address)
    const opened = await startStore(await openDatabase({ folder: dataFolder(t), address: proxied }))
    t.after(() => opened.close())
    cut('after the commit')
    assert.ok((await opened.commit({ writes: [project('made')] })).ok)
    cut('before the commit')
    assert.ok((await opened.commit({ writes: [project('again')] })).ok)
    assert.equal((await opened.store.projects.list(organisation)).length, 2)
    assert.equal(await opened.store.audit.size(), 3)
  })

  test('whoever holds the turn for too long keeps nobody waiting without end', async (t) => {
    const address = await postgresDatabase(t)
    const opened = await startStore(await openPostgres({ folder: dataFolder(t), address, limits: { turn: 300 } }))
    t.after(() => opened.close())
    const holding = sqlOn(address, `begin; select pg_advisory_xact_lock(1212629332, hashtext('public')); select pg_sleep(60); commit`)
    holding.catch(() => undefined)
    await eventually(async () => (await sqlOn(address, `select 1 from pg_locks where locktype = 'advisory' and granted`)).length > 0)
    await assert.rejects(opened.commit({}), { code: 'STORE_UNAVAILABLE', message: /lock/ })
    await sqlOn(
      address,
      `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`,
    )
    await eventually(async () => (await opened.commit({}).catch(() => undefined))?.ok)
    const [timeout] = await opened.database.write.all(`select current_setting('idle_in_transaction_session_timeout') as "value"`)
    assert.equal(timeout?.['value'], '10s')
  })

  test('a table holds the columns of its definition, and text is compared byte by byte whatever the collation', async (t) => {
    const address = await postgresDatabase(t)
    const database = await openDatabase({ folder: dataFolder(t), address })
    for (const table of Object.values<AnyTable>(tables)) {
      const columns = await sqlOn(
        address,
        `select column_name, data_type, is_nullable, collation_name from information_schema.columns
          where table_name = '${table.name}' order by ordinal_position`,
      )
      assert.deepEqual(
        columns.map((column) => column['column_name']),
        columnsOf(table),
        table.name,
      )
      for (const { column_name: name, data_type, is_nullable, collation_name } of columns) {
        const expected = table.columns[String(name)] ?? (name === 'mac' ? 'bytes' : 'integer')
        const found = { bigint: 'integer', text: 'text', bytea: 'bytes' }[String(data_type)]
        assert.equal(`${found}${is_nullable === 'YES' ? '?' : ''}`, expected, `${table.name}.${name}`)
        if (found === 'text') assert.equal(collation_name, 'C')
      }
    }
    await database.close()
  })

  test('two nodes that start on an empty database at once make one schema', async (t) => {
    const address = await postgresDatabase(t)
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase({ folder: dataFolder(t), address })))
    assert.equal(new Set(opened.map(({ id }) => id)).size, 1)
    await Promise.all(opened.map((database) => database.close()))
  })

  test('what cannot be used is refused in words', async (t) => {
    const address = await postgresDatabase(t)
    const folder = dataFolder(t)
    await assert.rejects(openDatabase({ folder, address, create: false }), { code: 'DATA_MISSING' })
    await (await openDatabase({ folder, address })).close()
    const first = await openDatabase({ folder, address })
    await assert.rejects(openDatabase({ folder, address }), { code: 'DATA_LOCKED' })
    await first.close()
    await sqlOn(address, `insert into schema_history values (99, '0099-from-the-future')`)
    await assert.rejects(openDatabase({ folder, address }), { code: 'DATA_NEWER' })
    writeFileSync(join(folder, DATABASE_FILE), '')
    await assert.rejects(openDatabase({ folder, address }), { code: 'DATABASE_UNSUITABLE', message: /headgate\.db/ })
    for (const text of ['mysql://here/x', 'postgres://here', 'postgres://', 'not at all'])
      await assert.rejects(openDatabase({ folder: dataFolder(t), address: new Secret(text) }), { code: 'DATABASE_ADDRESS_INVALID' })
  })

  test('a password is in no message, stack or property of what is thrown', async (t) => {
    const password = 'made-up-pass%2Fword'
    const port = await freePort()
    const addresses = [
      `postgres://someone:${password}@127.0.0.1:${port}/headgate`,
      `postgres://someone@127.0.0.1:${port}/headgate?password=${password}`,
      `postgres://someone:${password}@host.invalid/headgate`,
      `postgres://someone:${password}@127.0.0.1:${port}/`,
      `postgres://someone:${password}@[bad/headgate`,
    ]
    for (const address of addresses) {
      const error: unknown = await openDatabase({ folder: dataFolder(t), address: new Secret(address) }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      assert.ok(error instanceof HeadgateError, address)
      assert.doesNotMatch(inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error), /made-up/)
    }
  })
}

/** A way to the server that can be cut off around one commit, as a network does it. */
async function cuttingProxy(t: TestContext, address: Secret) {
  const { connect } = await import('node:net')
  const target = new URL(address.reveal())
  let next: 'after the commit' | 'before the commit' | undefined
  const server = createServer((socket) => {
    const upstream = connect(Number(target.port), target.hostname)
    socket.on('error', () => undefined)
    upstream.on('error', () => undefined)
    let committing = false
    socket.on('data', (bytes) => {
      if (next !== undefined && /;commit\0/.test(bytes.toString('latin1'))) {
        committing = true
        if (next === 'before the commit') {
          next = undefined
          upstream.destroy()
          socket.destroy()
          return
        }
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (!committing) return void socket.write(bytes)
      next = undefined
      socket.destroy()
      upstream.destroy()
    })
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = new URL(address.reveal())
  url.port = String((server.address() as { port: number }).port)
  return { proxied: new Secret(url.href), cut: (when: typeof next) => void (next = when) }
}
