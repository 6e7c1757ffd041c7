import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RouterTable } from '@headgate/contract'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { checkTable } from '../src/check-table.ts'
import { RouterError } from '../src/router-error.ts'
import { type StoredTable, TableFile } from '../src/table-file.ts'
import { ask, application, routed, upstream } from './routed.ts'

const stored = (revision: number): StoredTable => ({
  revision,
  table: { services: [{ id: `s${revision}`, domains: ['*'], upstreams: [] }] },
  epochs: { table: revision },
  pauses: [],
})

const code = (wanted: string) => (error: unknown) => error instanceof RouterError && error.code === wanted

test('a table written and read again is the same, and the first start has none', async (context) => {
  const folder = temporaryFolder(context)
  assert.equal((await new TableFile(folder).load()).source, 'none')
  await new TableFile(folder).save(stored(1))
  assert.deepEqual(await new TableFile(folder).load(), { stored: stored(1), source: 'stored' })
})

test('a damaged table falls back to the one before, whichever byte is wrong, and says so', async (context) => {
  const folder = temporaryFolder(context)
  const file = new TableFile(folder)
  await file.save(stored(1))
  await file.save(stored(2))
  const [whole, before] = await Promise.all([readFile(join(folder, 'table.json')), readFile(join(folder, 'table.previous.json'))])
  const damages = [
    Buffer.alloc(0),
    whole.subarray(0, whole.length / 2),
    Buffer.from('{}\n{}\n'),
    ...[3, 60, 100, whole.length - 5].map((at) => flipped(whole, at)),
  ]
  for (const damaged of damages) {
    await writeFile(join(folder, 'table.json'), damaged)
    await writeFile(join(folder, 'table.previous.json'), before)
    const loaded = await file.load()
    assert.equal(loaded.source, 'previous')
    assert.deepEqual(loaded.stored, stored(1))
    assert.match(loaded.damage ?? '', /^table\.json is /)
    assert.ok((await readdir(folder)).includes('table.damaged.json'))
  }
})

test('a damaged table is never kept as the previous one', async (context) => {
  const folder = temporaryFolder(context)
  const file = new TableFile(folder)
  await file.save(stored(1))
  await file.save(stored(2))
  await writeFile(join(folder, 'table.json'), 'broken')
  await file.load()
  await file.save(stored(3))
  await writeFile(join(folder, 'table.json'), 'broken again')
  assert.equal((await file.load()).stored.revision, 1)
})

test('with both copies damaged a router answers 503 and says that its table is lost, and a new one mends it', async (context) => {
  const folder = temporaryFolder(context)
  await writeFile(join(folder, 'table.json'), 'broken')
  await writeFile(join(folder, 'table.previous.json'), 'broken')
  const { port, client, put } = await routed(context, { state: folder })
  const status = await client.status()
  assert.deepEqual([status.tableSource, status.revision], ['lost', 0])
  assert.match(status.damage ?? '', /table\.json is damaged.*table\.previous\.json is damaged/)
  assert.equal((await ask(port)).headers['x-headgate-router'], 'table-lost')
  const app = await application(context, (_request, response) => response.end('mended'))
  await put([upstream(app.address)])
  assert.equal((await ask(port)).body, 'mended')
  assert.equal((await client.status()).tableSource, 'stored')
})

test('leftovers of a write that was killed are removed and change nothing', async (context) => {
  const folder = temporaryFolder(context)
  await new TableFile(folder).save(stored(1))
  await writeFile(join(folder, 'table.json.123.tmp'), 'half')
  await writeFile(join(folder, 'table.previous.json.123.tmp'), 'half')
  assert.equal((await new TableFile(folder).load()).source, 'stored')
  assert.deepEqual((await readdir(folder)).toSorted(), ['table.json'])
})

test('a put from another revision than the one in force is a conflict that names it', async (context) => {
  const { client, put } = await routed(context)
  await put([])
  await put([])
  const late = client.putTable({ epoch: 1, expectedRevision: 1, table: { services: [] } })
  await assert.rejects(late, (error: RouterError) => error.code === 'stale-revision' && error.details['revision'] === 2)
})

test('of two puts from one revision one wins', async (context) => {
  const { client } = await routed(context)
  const put = (): Promise<unknown> => client.putTable({ epoch: 1, expectedRevision: 0, table: { services: [] } })
  const outcomes = await Promise.allSettled([put(), put(), put()])
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected', 'rejected'])
})

test('a lower epoch of the same scope is refused, also after a restart, and another scope counts for itself', async (context) => {
  const first = await routed(context)
  const order = { expectedRevision: 0, table: { services: [] } }
  await first.client.putTable({ ...order, epoch: 5, scope: 'shop' })
  await first.client.putTable({ ...order, expectedRevision: 1, epoch: 1, scope: 'other' })
  await first.router.stop(0)
  const { client } = await routed(context, { state: first.state })
  await assert.rejects(client.putTable({ ...order, expectedRevision: 2, epoch: 4, scope: 'shop' }), code('fenced'))
  const drain = { upstream: 'x', requestsMs: 0, connectionsMs: 0 }
  await assert.rejects(client.drain({ ...drain, epoch: 4, scope: 'shop' }), code('fenced'))
  await assert.rejects(client.pause({ service: 'x', epoch: 4, scope: 'shop' }), code('fenced'))
  await client.putTable({ ...order, expectedRevision: 2, epoch: 5, scope: 'shop' })
  // A drain with a higher epoch fences as well, though it changes no table.
  await client.drain({ ...drain, epoch: 6, scope: 'shop' })
  await assert.rejects(client.putTable({ ...order, expectedRevision: 3, epoch: 5, scope: 'shop' }), code('fenced'))
  assert.deepEqual((await client.status()).epochs, { shop: 6, other: 1 })
})

test('a table that contradicts itself is refused with every place', () => {
  const service = (id: string, more: object): object => ({ id, domains: [], upstreams: [], ...more })
  const problems = (services: unknown): readonly string[] => {
    const checked = checkTable({ services })
    return checked.ok ? [] : checked.problems
  }
  assert.deepEqual(problems(undefined), ['services: is not a list'])
  assert.deepEqual(
    problems([
      service('a', { domains: ['shop.localhost', 'b d'], upstreams: [{ id: '', release: 'r', address: 'nowhere', weight: 101 }] }),
    ]).map((problem) => problem.split(':')[0]),
    ['services[0].domains[1]', 'services[0].upstreams[0].address', 'services[0].upstreams[0].id', 'services[0].upstreams[0].weight'],
  )
  assert.deepEqual(problems([service('a', { domains: ['x'] }), service('a', { domains: ['X'] })]), [
    'service a: is there twice',
    'domain x: is claimed by a and by a',
  ])
  const upstreams = [
    { id: 'i', release: 'r', address: 'h:1', weight: 10 },
    { id: 'i', release: 'r', address: 'h:2', weight: 20 },
  ]
  assert.deepEqual(problems([service('a', { upstreams })]).length, 2)
})

test('a table keeps nothing it does not know', () => {
  const table = { services: [{ id: 'a', domains: ['Shop.Localhost'], upstreams: [], extra: 1, timeouts: { connectMs: 5, other: 1 } }] }
  const wanted: RouterTable = { services: [{ id: 'a', domains: ['shop.localhost'], upstreams: [], timeouts: { connectMs: 5 } }] }
  assert.deepEqual(checkTable(table), { ok: true, table: wanted })
})

test('a table that cannot be written is not put in force', async (context) => {
  const { state, port, client, put } = await routed(context)
  const app = await application(context, (_request, response) => response.end('old'))
  await put([upstream(app.address)])
  // A folder where the temporary file is to be: even the superuser cannot write there.
  await mkdir(join(state, `table.json.${process.pid}.tmp`))
  await assert.rejects(put([]), code('not-stored'))
  assert.equal((await ask(port)).body, 'old')
  assert.equal((await client.status()).revision, 1)
})

test('domains: the exact name, then the longest wildcard, then the rest; port, case and a final dot do not matter', async (context) => {
  const { port, client } = await routed(context)
  const named = async (name: string): Promise<string> => (await application(context, (_request, response) => response.end(name))).address
  const service = async (id: string, domain: string): Promise<RouterTable['services'][number]> => ({
    id,
    domains: [domain],
    upstreams: [upstream(await named(id))],
  })
  const services = [
    await service('exact', 'shop.localhost'),
    await service('below', '*.localhost'),
    await service('deeper', '*.shop.localhost'),
    await service('rest', '*'),
  ]
  await client.putTable({ epoch: 1, expectedRevision: 0, table: { services } })
  const hosts = {
    'shop.localhost': 'exact',
    'SHOP.localhost:8080': 'exact',
    'shop.localhost.': 'exact',
    'a.localhost': 'below',
    'a.b.shop.localhost': 'deeper',
    'example.com': 'rest',
    '[::1]:80': 'rest',
  }
  for (const [host, id] of Object.entries(hosts)) assert.equal((await ask(port, { headers: { host } })).body, id, host)
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}
