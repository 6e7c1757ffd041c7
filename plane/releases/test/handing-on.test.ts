/** What comes right behind a deployment that is live and still drains: the next one need not wait for that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '@headgate/model'
import { eventually } from '../../../test/eventually.ts'
import { by, ownPlace, sharedPlane } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'
import { valueOf } from './kit/upload.ts'

const plane = sharedPlane()
/** An instance that is asked to end and does not, for longer than any of these tests. */
const SLOW_TO_END = [{ run: `exec "${process.execPath}" application.mjs`, drain: { requestsMs: 600_000, connectionsMs: 600_000 } }]

/** A release is live; the one it replaced is still ending. */
async function openDraining(shop: Shop): Promise<Deployment> {
  shop.save({ GREETING: 'hello', MODE: 'stubborn' })
  assert.equal((await shop.deploy(await shop.release('one', SLOW_TO_END))).state, 'live')
  const begun = valueOf(await shop.plane.releases.deploy({ release: (await shop.release('two', SLOW_TO_END)).id, by }))
  await eventually(async () => {
    const { deployment, services } = await shop.status()
    return deployment?.state === 'live' && services[0]?.instances.some(({ state }) => state === 'draining')
  })
  return begun
}

/** Ends what is asked to end and does not, so that whoever waits for it can go on. */
async function killDraining(shop: Shop): Promise<void> {
  for (const { state, pid } of await shop.instances()) {
    if (state === 'draining' && pid !== undefined) process.kill(-pid, 'SIGKILL')
  }
}

test('the next deployment takes over what the last one still drains, and every old instance is gone after it', async () => {
  const shop = new Shop(plane(), 'overtaken')
  const second = await openDraining(shop)
  const third = valueOf(await plane().releases.deploy({ release: (await shop.release('three', SLOW_TO_END)).id, by }))
  assert.equal((await plane().releases.settled(second.id)).state, 'live', 'it stays live until the next one is')
  await eventually(async () => (await shop.ask()).body.code === 'three')
  const { runs } = valueOf(await plane().releases.show(second.id))
  assert.deepEqual(
    runs.map(({ run, steps }) => [run.state, steps.at(-1)?.state, steps.at(-1)?.detail]),
    [['done', 'skipped', 'left to the next deployment']],
  )
  const states = async () => (await plane().releases.deployments(shop.target)).map(({ state }) => state)
  await eventually(async () => (await states()).join() === 'live,superseded,superseded')
  await eventually(async () => {
    await killDraining(shop)
    return (await shop.instances()).length === 1
  })
  assert.equal((await plane().releases.settled(third.id)).state, 'live')
})

test('going back right behind a release brings the one before it live again, though that is still ending', async () => {
  const shop = new Shop(plane(), 'atonce')
  await openDraining(shop)
  const back = valueOf(await plane().releases.rollback({ target: shop.target, to: 'previous', by }))
  await eventually(async () => (await shop.ask()).body.code === 'one')
  await eventually(async () => {
    await killDraining(shop)
    return (await shop.instances()).length === 1
  })
  assert.equal((await plane().releases.settled(back.id)).state, 'live')
})

test('a deployment that is refused leaves the drain before it to go on', async (t) => {
  const own = ownPlace(t)
  /** So many more times the router is asked in vain: for who has the domain, and for what the plan begins with. */
  let inVain = 0
  const first = await own.open({
    router: (client) => ({
      status: (signal) => (inVain-- > 0 ? Promise.reject(new Error('broken')) : client.status(signal)),
      putTable: (order) => client.putTable(order),
      drain: (order, signal) => client.drain(order, signal),
    }),
  })
  const shop = new Shop(first, 'refused')
  const second = await openDraining(shop)
  const third = await shop.release('three', SLOW_TO_END)
  inVain = 2
  await assert.rejects(first.releases.deploy({ release: third.id, by }), /broken/)
  await killDraining(shop)
  assert.equal((await first.releases.settled(second.id)).state, 'live')
  assert.deepEqual(
    (await shop.instances()).map(({ state }) => state),
    ['healthy'],
  )
  const { runs } = valueOf(await first.releases.show(second.id))
  assert.deepEqual(new Set(runs.flatMap(({ steps }) => steps.map(({ state }) => state))), new Set(['done']))
})

test('a plane that starts again while a release drains goes on with that, and the next deployment takes it over', async (t) => {
  const own = ownPlace(t)
  const before = new Shop(await own.open(), 'restarted')
  await openDraining(before)
  await before.plane.close()
  const shop = new Shop(await own.open(), 'restarted')
  const begun = valueOf(await shop.plane.releases.deploy({ release: (await shop.release('three', SLOW_TO_END)).id, by }))
  await eventually(async () => (await shop.ask()).body.code === 'three')
  await eventually(async () => {
    await killDraining(shop)
    return (await shop.instances()).length === 1
  })
  assert.equal((await shop.plane.releases.settled(begun.id)).state, 'live')
})

test('what is to be stopped is told as stopped when its last process has ended, or when the next deployment takes the rest over', async () => {
  const shop = new Shop(plane(), 'ending')
  shop.save({ GREETING: 'hello', MODE: 'stubborn' })
  const stopping = async () => {
    assert.equal((await shop.deploy(await shop.release('one', SLOW_TO_END))).state, 'live')
    const { id } = valueOf(await plane().releases.stop({ target: shop.target, by }))
    await eventually(async () => (await shop.instances()).every(({ state }) => state === 'draining'))
    assert.equal((await shop.status()).deployment?.state, 'running')
    return id
  }
  const first = await stopping()
  await killDraining(shop)
  const { state, endedAt } = await plane().releases.settled(first)
  assert.equal(state, 'stopped')
  assert.ok(endedAt)
  assert.deepEqual(await shop.instances(), [])

  const second = await stopping()
  const next = valueOf(await plane().releases.deploy({ release: (await shop.release('two', SLOW_TO_END)).id, by }))
  assert.equal((await plane().releases.settled(second)).state, 'stopped')
  await eventually(async () => (await shop.ask()).body.code === 'two')
  await eventually(async () => {
    await killDraining(shop)
    return (await shop.instances()).length === 1
  })
  assert.equal((await plane().releases.settled(next.id)).state, 'live')
})
