import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { HeadgateError, idOf } from '@headgate/model'
import { eventually } from '../../../test/eventually.ts'
import { openReleases } from '../src/index.ts'
import { by, organisation, ownPlace, sharedPlane } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'
import { valueOf } from './kit/upload.ts'

const plane = sharedPlane()

test('an instance that ends is started again, and the status counts it', async () => {
  const shop = new Shop(plane(), 'restarted')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const [before] = await shop.instances()
  process.kill(-(before?.pid ?? 0), 'SIGKILL')
  const after = await eventually(async () => {
    const [instance] = await shop.instances()
    return instance?.state === 'healthy' && instance.pid !== before?.pid && instance
  })
  assert.deepEqual([after.instance, after.restarts], [before?.instance, 1])
  await eventually(async () => (await shop.ask()).body.greeting === 'hello')
})

test('of two copies one that is killed costs no request, and comes back', async () => {
  const shop = new Shop(plane(), 'twocopies')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ replicas: 2 }]))
  const load = shop.keepAsking(1)
  const [victim] = await shop.instances()
  process.kill(-(victim?.pid ?? 0), 'SIGKILL')
  await eventually(async () => (await shop.instances()).every(({ state }) => state === 'healthy'))
  const { answers, errors } = await load.stop()
  assert.deepEqual(errors, [])
  // A request that the victim had taken may be answered 502; nothing that was asked later is.
  const failed = Object.entries(answers).filter(([name]) => !name.startsWith('200'))
  assert.ok(failed.reduce((sum, [, count]) => sum + count, 0) <= 1, JSON.stringify(answers))
})

test('an instance that holds more memory than it may is ended and started again', async (t) => {
  if (plane().log.some(({ event }) => event === 'limits are kept by the kernel')) return t.skip('the kernel keeps the limits here')
  const shop = new Shop(plane(), 'greedy')
  shop.save({ GREETING: 'hello' })
  const script = 'const held = []; process.on("SIGUSR2", () => held.push(Buffer.alloc(300e6, 1))); import("./application.mjs")'
  await shop.deploy(await shop.release('one', [{ run: `exec "${process.execPath}" -e '${script}'`, limits: { memoryBytes: 200_000_000 } }]))
  process.kill((await shop.instances())[0]?.pid ?? 0, 'SIGUSR2')
  const instance = await eventually(async () => (await shop.instances()).find(({ restarts }) => restarts > 0), { within: 60_000 })
  assert.ok(instance.restarts > 0)
  assert.ok(plane().log.some(({ event, detail }) => event === 'memory limit' && /may hold 200 MB/.test(String(detail))))
})

test('an instance that does not end when it is asked to is killed after its time to drain', async () => {
  const shop = new Shop(plane(), 'stubborn')
  shop.save({ GREETING: 'hello', MODE: 'stubborn' })
  await shop.deploy(await shop.release('one', [{ drain: { requestsMs: 200, connectionsMs: 200 } }]))
  const [before] = await shop.instances()
  assert.equal((await shop.settled(await plane().releases.stop({ target: shop.target, by }))).state, 'stopped')
  assert.throws(() => process.kill(before?.pid ?? 0, 0), { code: 'ESRCH' })
})

test('secrets are in no argument list of an instance, and of the plane’s own environment only the harmless part is handed on', async () => {
  const shop = new Shop(plane(), 'arguments')
  shop.save({ GREETING: 'hello', SECRET: 'a-fake-value-for-this-test' })
  process.env['PLANE_ONLY'] = 'kept back'
  await shop.deploy(await shop.release('one'))
  delete process.env['PLANE_ONLY']
  const { body } = await shop.ask()
  assert.ok(!readFileSync(`/proc/${body.pid}/cmdline`, 'utf8').includes('a-fake-value'))
  const environment = readFileSync(`/proc/${body.pid}/environ`, 'utf8')
  assert.ok(environment.includes('SECRET=a-fake-value-for-this-test') && environment.includes('HEADGATE_INSTANCE='))
  assert.ok(!environment.includes('PLANE_ONLY'))
})

test('a plane that starts again finds its instances, and starts again what ended while it was away', async (t) => {
  const own = ownPlace(t)
  const first = await own.open()
  const shop = new Shop(first, 'adopted')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ replicas: 2 }]))
  const before = (await shop.instances()).map(({ pid }) => pid)
  await first.close()
  assert.equal((await shop.ask()).status, 200, 'traffic flows on without a plane')
  process.kill(-(before[0] ?? 0), 'SIGKILL')

  const second = await own.open()
  const again = new Shop(second, 'adopted')
  const found = await eventually(async () => {
    const instances = await again.instances()
    return instances.every(({ state }) => state === 'healthy') && instances
  })
  assert.equal(found.length, 2)
  assert.ok(
    found.some(({ pid }) => pid === before[1]),
    'the one that lived is the same',
  )
  assert.ok(found.every(({ pid }) => pid !== before[0]))
  assert.equal((await again.deploy(await again.release('two', [{ replicas: 2 }]))).state, 'live')
  assert.throws(() => process.kill(before[1] ?? 0, 0), { code: 'ESRCH' }, 'an adopted instance is stopped like any other')
})

test('a plane that goes down in the middle of a change of the table leaves the table alone', async (t) => {
  const own = ownPlace(t)
  const slow = { on: false }
  const first = await own.open({
    router: (client) => ({
      status: async (signal) => {
        const status = await client.status(signal)
        if (slow.on) await new Promise((resolve) => setTimeout(resolve, 300))
        return status
      },
      putTable: (order) => client.putTable(order),
      drain: (order, signal) => client.drain(order, signal),
    }),
  })
  const shop = new Shop(first, 'goingdown')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ replicas: 2 }]))
  const before = await first.router.client.status()
  const [victim] = await shop.instances()
  slow.on = true
  process.kill(-(victim?.pid ?? 0), 'SIGKILL')
  await eventually(() => first.log.some(({ event, state }) => event === 'instance' && state === 'ended'))
  await first.close()
  const after = await first.router.client.status()
  assert.deepEqual([after.revision, after.table], [before.revision, before.table])
  await own.open()
})

test('an instance that ends between its release being healthy and being live is started again once it is', async (t) => {
  let killing: (() => Promise<void>) | undefined
  const own = ownPlace(t)
  const first = await own.open({
    router: (client) => ({
      status: (signal) => client.status(signal),
      putTable: async (order) => {
        const kill = killing
        killing = undefined
        await kill?.()
        return client.putTable(order)
      },
      drain: (order, signal) => client.drain(order, signal),
    }),
  })
  const shop = new Shop(first, 'lostearly')
  shop.save({ GREETING: 'hello' })
  const release = await shop.release('one', [{ replicas: 2 }])
  // The table first changes when a release whose instances are all healthy is given its traffic.
  killing = async () => {
    const [victim] = await shop.instances()
    process.kill(-(victim?.pid ?? 0), 'SIGKILL')
    await eventually(() => first.log.some(({ event, state }) => event === 'instance' && state === 'ended'))
  }
  assert.equal((await shop.deploy(release)).state, 'live')
  const instances = await eventually(async () => {
    const found = await shop.instances()
    return found.every(({ state }) => state === 'healthy') && found
  })
  assert.deepEqual(
    instances.map(({ restarts }) => restarts).toSorted((a, b) => a - b),
    [0, 1],
  )
})

test('an owner whose lease went to another changes nothing any more', async () => {
  const shop = new Shop(plane(), 'fenced')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const slow = await shop.release('two', undefined, { strategy: { steps: [50, 100], stepDurationMs: 60_000 } })
  const begun = valueOf(await plane().releases.deploy({ release: slow.id, by }))
  await eventually(async () => (await shop.ask()).body.code === 'two')
  const { sealed, configuration, router, place } = plane()
  const other = await openReleases({
    organisation: { id: organisation, name: 'main' },
    store: sealed.store,
    changes: sealed.changes,
    configuration,
    router: router.client,
    folder: place.data,
    owner: 'another',
    takeOver: 'at-once',
  })
  try {
    // The first owner does not know yet, and still has the run in its hands.
    await plane().releases.abort({ deployment: begun.id, by })
    await eventually(async () => valueOf(await other.show(begun.id)).runs[0]?.run.owner === 'another')
    await new Promise((resolve) => setTimeout(resolve, 500))
    const shown = valueOf(await other.show(begun.id))
    assert.equal(shown.deployment.state, 'running', 'the run is the new owner’s, and goes on')
    assert.deepEqual(
      shown.runs.map(({ run }) => [run.owner, run.epoch]),
      [['another', 2]],
    )
    const audit = await sealed.store.audit.page({ organisation, action: 'deployment.take-over' })
    assert.ok(audit.length > 0)
    valueOf(await other.abort({ deployment: begun.id, by }))
    assert.equal((await other.settled(begun.id)).state, 'rolled-back')
    assert.equal((await shop.ask()).body.code, 'one')
  } finally {
    await other.close()
  }
})

test('a lease that somebody else holds is waited for, and a deployment meanwhile refused by name', async () => {
  const shop = new Shop(plane(), 'elsewhere')
  shop.save({ GREETING: 'hello' })
  const release = await shop.release('one')
  const { store } = plane().sealed
  const name = `release:${organisation}/shop/elsewhere`
  await store.leases.acquire(name, 'another plane', Date.now() + 60_000, Date.now())
  const refused = await plane().releases.deploy({ release: release.id, by })
  assert.deepEqual(refused.ok ? '' : [refused.problem.code, refused.problem.details['holder']], ['RELEASE_LOCKED', 'another plane'])
})

test('a release that is not known, or whose beginning is two releases’, is refused', async () => {
  const shop = new Shop(plane(), 'unknown')
  shop.save({ GREETING: 'hello' })
  const release = await shop.release('one', undefined, { version: 'v1' })
  const find = async (reference: string) => {
    const found = await plane().releases.find(shop.target, reference)
    return found.ok ? found.value.id : found.problem.code
  }
  assert.deepEqual(await Promise.all(['v1', '#1', release.id, release.id.slice(0, 8)].map(find)), Array(4).fill(release.id))
  assert.deepEqual(await Promise.all(['v2', '#2', 'abc', '0000'].map(find)), Array(4).fill('RELEASE_NOT_FOUND'))
  await assert.rejects(
    plane().releases.settled(idOf<'deployment'>('none')),
    (error) => error instanceof HeadgateError && error.code === 'DEPLOYMENT_NOT_FOUND',
  )
})
