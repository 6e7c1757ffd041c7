/**
 * kill -9 at the boundaries of every step of a release: of the executor before a step acts, after it acted and before
 * that is written down, and after it is; of the router; of an instance. What comes next goes on from there or goes back.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Release } from '@headgate/model'
import { startRouter } from '@headgate/router'
import { startProcess } from '../../../test/child-process.ts'
import { eventually } from '../../../test/eventually.ts'
import { proving, seed } from '../../../test/proving.ts'
import type { LogRecord } from '../src/index.ts'
import { type TestPlane, organisation, ownPlace } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'

const executor = join(import.meta.dirname, 'kit', 'executor.ts')
const GRADUAL = { strategy: { steps: [50, 100], stepDurationMs: 150 } }
const SERVICES = [{ replicas: 2 }]
/** The steps of a release that replaces another with such a strategy. */
const STEPS = 14
const MOMENTS = ['step running', 'step acted', 'step done'] as const

const moments = MOMENTS.flatMap((moment) => Array.from({ length: STEPS }, (_, index) => `${moment}|${index + 1}`))

test('an executor killed at a step boundary is succeeded by one that finishes what it began, without a failed request', async (t) => {
  const chosen = choose(moments, 2)
  t.diagnostic(`${chosen.length} of ${moments.length} boundaries, seed ${seed}: ${chosen.join(', ')}`)
  const own = ownPlace(t)
  let plane = await own.open()
  let shop = new Shop(plane, 'killed')
  const releases = await twoReleases(shop)
  assert.equal((await shop.deploy(releases[0])).state, 'live')
  const load = shop.keepAsking(2)
  for (const [round, moment] of chosen.entries()) {
    const wanted = releases[(round + 1) % 2] as Release
    await plane.close()
    const words = ['node', '--conditions=source', executor, own.place.root, 'killed', wanted.id, moment] as const
    const { signal, stderr } = await startProcess(t, words, { within: 60_000 }).ended()
    assert.equal(signal, 'SIGKILL', `${moment}: ${stderr}`)
    plane = await own.open()
    shop = new Shop(plane, 'killed')
    const [newest] = await plane.releases.deployments(shop.target, { limit: 1 })
    assert.ok(newest)
    const deployment = await plane.releases.settled(newest.id)
    assert.equal(deployment.state, 'live', `${moment}: ${deployment.reason}`)
    await assertExactly(plane, shop, wanted)
  }
  const { errors, answers } = await load.stop()
  assert.deepEqual(errors, [])
  assert.ok(
    Object.keys(answers).every((answer) => answer.startsWith('200')),
    JSON.stringify(answers),
  )
})

test('a router killed at a step boundary is started again, and the release goes on', async (t) => {
  const own = ownPlace(t)
  const hook: { act?: (record: LogRecord) => void } = {}
  const plane = await own.open({ log: (record) => hook.act?.(record) })
  const shop = new Shop(plane, 'routerkilled')
  const releases = await twoReleases(shop)
  await shop.deploy(releases[0])
  for (const [round, step] of choose(['shift-traffic', 'watch', 'mark-live', 'drain-instances'], 1).entries()) {
    let again: Promise<unknown> = Promise.resolve()
    hook.act = (record) => {
      if (record.event !== 'step' || record['step'] !== step || record['state'] !== 'running') return
      delete hook.act
      again = killRouter(plane).then(() => startRouter({ state: join(own.place.root, 'router'), port: plane.router.port }))
    }
    const wanted = releases[(round + 1) % 2] as Release
    const deployment = await shop.deploy(wanted)
    await again
    assert.ok(deployment.state === 'live' || deployment.state === 'rolled-back', `${step}: ${deployment.reason}`)
    await assertExactly(plane, shop, deployment.state === 'live' ? wanted : (releases[round % 2] as Release))
    if (deployment.state !== 'live') await shop.deploy(wanted)
  }
})

test('an instance killed at a step boundary never leaves the service without a healthy copy', async (t) => {
  const own = ownPlace(t)
  const hook: { act?: (record: LogRecord) => void } = {}
  const plane = await own.open({ log: (record) => hook.act?.(record) })
  const shop = new Shop(plane, 'instancekilled')
  const releases = await twoReleases(shop)
  await shop.deploy(releases[0])
  const points = ['start-instances', 'await-healthy', 'shift-traffic', 'watch', 'mark-live', 'drain-instances'].flatMap((step) =>
    (['old', 'new'] as const).map((victim) => ({ step, victim })),
  )
  for (const { step, victim } of choose(points, 2)) {
    const live = (await shop.status()).live
    const wanted = releases.find(({ id }) => id !== live?.id) as Release
    let killing: Promise<void> = Promise.resolve()
    hook.act = (record) => {
      if (record.event !== 'step' || record['step'] !== step || record['state'] !== 'running') return
      delete hook.act
      killing = killOne(shop, victim === 'new' ? wanted.id : live?.id)
    }
    const watching = watchServed(shop)
    const deployment = await shop.deploy(wanted)
    await killing
    assert.ok(deployment.state === 'live' || deployment.state === 'rolled-back', `${step} ${victim}: ${deployment.reason}`)
    const now = deployment.state === 'live' ? wanted : live
    assert.ok(now)
    await eventually(async () => (await shop.instances()).every(({ state }) => state === 'healthy'))
    assert.deepEqual(await watching.stop(), [], `${step} ${victim}`)
    assert.deepEqual(
      (await shop.instances()).map(({ release }) => release),
      [now.id, now.id],
    )
  }
})

/** Two releases that differ in code and configuration, so that a mixture of them shows. */
async function twoReleases(shop: Shop): Promise<readonly [Release, Release]> {
  shop.save({ GREETING: 'settings of one' })
  const one = await shop.release('one', SERVICES, GRADUAL)
  shop.save({ GREETING: 'settings of two' })
  return [one, await shop.release('two', SERVICES, GRADUAL)]
}

/** The release runs, two healthy copies of it and nothing else, each started exactly once; its users see its code and its configuration. */
async function assertExactly(plane: TestPlane, shop: Shop, release: Release): Promise<void> {
  const status = await shop.status()
  assert.equal(status.live?.id, release.id)
  const instances = status.services.flatMap((service) => service.instances)
  assert.deepEqual(
    instances.map(({ release: id, state }) => [id, state]),
    [
      [release.id, 'healthy'],
      [release.id, 'healthy'],
    ],
  )
  const row = await plane.sealed.store.targets.get(organisation, shop.target)
  assert.deepEqual([row?.live, row?.pinned, row?.run], [release.id, release.id, null])
  const code = (await shop.ask()).body
  assert.equal(code.greeting, `settings of ${code.code}`)
  for (const { instance } of instances) {
    const log = readFileSync(join(plane.place.data, 'instances', instance, 'output.log'), 'utf8')
    assert.equal(log.split('listening as').length - 1, 1, `${instance} was started once`)
  }
}

async function killRouter(plane: TestPlane): Promise<void> {
  const { pid } = await plane.router.client.status().then((status) => status as unknown as { pid: number })
  process.kill(pid, 'SIGKILL')
  await eventually(() =>
    plane.router.client.status().then(
      () => false,
      () => true,
    ),
  )
}

async function killOne(shop: Shop, release: string | undefined): Promise<void> {
  const victim = (await shop.instances()).find((instance) => instance.release === release && instance.pid !== undefined)
  if (victim?.pid !== undefined) process.kill(-victim.pid, 'SIGKILL')
}

/** Looks, all the time, whether the router leads to a copy that answers; a request cut by the kill itself is asked again at once. */
function watchServed(shop: Shop): { stop(): Promise<string[]> } {
  let going = true
  const missing: string[] = []
  const look = async (): Promise<string | undefined> =>
    shop.ask().then(({ status }) => (status === 200 ? undefined : String(status)), String)
  const looking = (async () => {
    while (going) {
      const first = await look()
      const second = first === undefined ? undefined : await look()
      if (second !== undefined) missing.push(second)
    }
  })()
  return {
    async stop() {
      going = false
      await looking
      return missing
    },
  }
}

/** All of them in `npm run prove`, some by the seed otherwise. */
function choose<T>(all: readonly T[], count: number): readonly T[] {
  if (proving) return all
  const start = seed % all.length
  const stride = Math.max(1, Math.floor(all.length / count))
  return Array.from({ length: count }, (_, index) => all[(start + index * stride) % all.length] as T)
}
