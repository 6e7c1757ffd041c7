import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answer } from '../../../test/load/answering-application.ts'
import { seed, times } from '../../../test/proving.ts'
import { Counters } from '../src/counters.ts'
import { ServiceRoute } from '../src/service-route.ts'
import { Upstream } from '../src/upstream.ts'
import { ask, routed, upstream } from './routed.ts'

function made(id: string, release: string, weight: number): Upstream {
  return new Upstream({ id, release, address: '127.0.0.1:1', weight }, 'web', 1_000, new Counters())
}

test('any window as long as the sum of the weights holds exactly their shares, whatever the weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 }), fc.nat(500), (weights, skipped) => {
      const route = new ServiceRoute(
        'web',
        0,
        weights.map((weight, index) => made(`i${index}`, `r${index}`, weight)),
      )
      for (let n = 0; n < skipped; n += 1) route.claim()
      const counts = new Map<string, number>()
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (let n = 0; n < total; n += 1) {
        const { release } = route.claim() as Upstream
        counts.set(release, (counts.get(release) ?? 0) + 1)
      }
      assert.deepEqual(
        weights.map((_, index) => counts.get(`r${index}`)),
        weights,
      )
    }),
    { numRuns: times({ short: 100, long: 5_000 }), seed },
  )
})

test('a weight is the share of a release, however many instances it has', () => {
  const route = new ServiceRoute('web', 0, [made('a1', 'a', 90), made('a2', 'a', 90), made('b1', 'b', 10)])
  const counts = new Map<string, number>()
  for (let n = 0; n < 1_000; n += 1) {
    const { id } = route.claim() as Upstream
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  assert.deepEqual(Object.fromEntries(counts), { a1: 450, a2: 450, b1: 100 })
})

test('within a release the instance with the least work is taken', () => {
  const busy = made('a1', 'a', 100)
  const idle = made('a2', 'a', 100)
  busy.websockets.add({} as never)
  const route = new ServiceRoute('web', 0, [busy, idle])
  for (let n = 0; n < 10; n += 1) assert.equal(route.claim(), idle)
})

test('an instance at weight 0 gets nothing, and a service with only such answers 503 in the name of the router', async (context) => {
  const { port, put } = await routed(context)
  await put([upstream('127.0.0.1:1', { weight: 0 })])
  const { status, headers } = await ask(port)
  assert.deepEqual([status, headers['x-headgate-router'], headers['retry-after']], [503, 'no-upstream', '1'])
})

test('a round under way goes on over a table that leaves the weights as they are', () => {
  const members = [made('a', 'a', 50), made('b', 'b', 50)]
  let route = new ServiceRoute('web', 0, members)
  const order: string[] = []
  for (let n = 0; n < 10; n += 1) {
    order.push((route.claim() as Upstream).id)
    route = new ServiceRoute('web', 0, members, route)
  }
  assert.equal(order.join(''), 'ababababab')
})

test('over real sockets the served shares are those of the table at each step', async (context) => {
  const { port, put, client } = await routed(context)
  const [old, young] = await Promise.all([answer({ release: 'old' }), answer({ release: 'young' })])
  context.after(() => Promise.all([old.close(), young.close()]))
  for (const share of [10, 25, 50, 75, 100]) {
    await put([
      upstream(old.address, { release: 'old', weight: 100 - share }),
      upstream(young.address, { release: 'young', weight: share }),
    ])
    const before = young.received()
    const count = times({ short: 200, long: 10_000 })
    for (let sent = 0; sent < count; sent += 20) await Promise.all(Array.from({ length: 20 }, () => ask(port)))
    const served = ((young.received() - before) / count) * 100
    assert.ok(Math.abs(served - share) <= 0.5, `${served} of 100 instead of ${share}`)
  }
  const { upstreams } = await client.status()
  assert.equal(upstreams.find(({ id }) => id === young.address)?.counters.requests, young.received())
})
