import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { findRouter } from '@headgate/router'
import { startLoad } from '../test/load/load.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { proving, times } from '../test/proving.ts'
import { Site, applicationText, pythonServer, readEvents } from './release-kit.ts'
import { pythonCommand } from './python-command.ts'

const python = pythonCommand()

async function openTwice(t: Parameters<typeof Site.open>[0], run: string): Promise<Site> {
  const site = await Site.open(t)
  site.write({
    'server.py': pythonServer,
    'code.txt': 'code 0',
    'headgate.yaml': applicationText({ web: { run, replicas: 2 } }, '[50, 100]'),
  })
  await site.set('SET_ONE', 'setting 0')
  const first = await site.deploy(['--version', 'v0'])
  assert.equal(first.code, 0, JSON.stringify(first.end) + first.stderr)
  return site
}

/** Steps of a release with two instances and two shares, up to the one that marks it live: with that its news end. */
const STEPS = 12

if (python === undefined) leaveOut('releases of a Python service that are cut off', 'no python3')
else {
  test('a plane that is killed at a step boundary finishes or takes back its release when it starts again, and the service answers all along', async (t) => {
    const site = await openTwice(t, `exec ${python} server.py`)
    const load = startLoad({
      target: site.plane.router,
      host: 'notes.localhost',
      workers: { keepAlive: 2, connections: 1 },
      pauseMs: 10,
      maxMs: 900_000,
    })
    t.after(() => load.stop())
    const boundaries = proving ? Array.from({ length: STEPS }, (_, index) => index + 1) : [3, 7, 10]
    const released = new Map([['v0', { code: 'code 0', settings: { SET_ONE: 'setting 0' } }]])
    for (const boundary of boundaries) {
      const version = `v${boundary}`
      released.set(version, { code: `code ${boundary}`, settings: { SET_ONE: `setting ${boundary}` } })
      site.write({ 'code.txt': `code ${boundary}` })
      await site.set('SET_ONE', `setting ${boundary}`)
      const deploying = site.beginDeploy(['--version', version])
      const ended = await eventually(
        () => {
          const events = readEvents(deploying.stdout)
          const done = events.filter(({ type, state }) => type === 'step' && state === 'done')
          return done.length >= boundary ? { text: done.at(-1)?.text } : false
        },
        { within: 60_000, every: 1 },
      )
      await site.killPlane()
      await deploying.killGroup()
      assert.equal((await site.ask()).status, 200, 'it answers without a plane')
      await site.startAgain()
      const { live, deployment } = await site.quiet()
      t.diagnostic(`killed after step ${boundary} (${ended.text}): ${deployment?.kind} ${deployment?.state}, live ${live?.version}`)
      const expected = released.get(live?.version ?? '')
      assert.ok(expected, 'one named release is live')
      const instances = await eventually(() => settledInstances(site), { within: 20_000, every: 100 })
      for (let asked = 0; asked < 6; asked += 1) {
        const { code, settings, release, pid } = await site.served()
        assert.deepEqual({ code, settings, release }, { ...expected, release: live?.id })
        assert.ok(instances.some((instance) => instance.pid === pid))
      }
    }
    const report = await load.stop()
    assert.equal(report.failed, 0, JSON.stringify([report.failures, report.samples]))
    assert.ok(report.requests > 100)
    t.diagnostic(`${boundaries.length} kills, ${report.requests} requests, ${report.failed} failed`)
  })

  test('an instance that is killed is started again while the other one answers', async (t) => {
    const site = await openTwice(t, `exec ${python} server.py`)
    const load = startLoad({ target: site.plane.router, host: 'notes.localhost', workers: { connections: 1 }, pauseMs: 2, maxMs: 120_000 })
    t.after(() => load.stop())
    for (let kill = 0; kill < times({ short: 1, long: 5 }); kill += 1) {
      const [one] = await site.instances()
      site.kill(one?.pid ?? 0)
      await eventually(
        async () => {
          const instances = await site.instances()
          assert.ok(
            instances.some(({ state }) => state === 'healthy'),
            'never without a healthy copy',
          )
          const again = instances.find(({ instance }) => instance === one?.instance)
          return again?.state === 'healthy' && again.pid !== one?.pid
        },
        { within: 30_000, every: 20 },
      )
      assert.equal(site.processes().length, 2)
    }
    const report = await load.stop()
    // The request that the killed process held is lost, and no other: there is one at a time.
    assert.ok(report.failed <= times({ short: 1, long: 5 }), JSON.stringify([report.failures, report.samples]))
    assert.ok(report.requests > 5)
  })

  test('a router that is killed is back on its port with its table, whether a plane runs or the next one starts it', async (t) => {
    const site = await openTwice(t, `exec ${python} server.py`)
    const before = await site.served()
    const killed = await routerPid(site)
    site.kill(killed)
    const began = performance.now()
    await eventually(async () => (await site.ask()).status === 200, { within: 20_000, every: 20 })
    t.diagnostic(`the router answered again ${Math.round(performance.now() - began)} ms after it was killed`)
    assert.notEqual(await routerPid(site), killed)
    assert.deepEqual({ ...(await site.served()), pid: 0 }, { ...before, pid: 0 })
    const address = site.plane.router
    await site.killPlane()
    site.kill(await routerPid(site))
    await assert.rejects(site.ask(), 'nobody starts it again without a plane')
    await site.startAgain()
    assert.equal(site.plane.router, address)
    await eventually(async () => (await site.ask()).status === 200, { within: 20_000 })
    assert.equal((await site.served()).release, before.release)
    assert.equal(site.processes().length, 2, 'no instance was started a second time')
  })
}

async function routerPid(site: Site): Promise<number> {
  // It takes traffic a moment before it takes commands.
  const router = await eventually(() => findRouter(join(site.home.data, 'router')))
  return router.pid
}

/** The two instances of what is live, once nothing else runs. */
async function settledInstances(site: Site) {
  const instances = await site.instances()
  const { live } = await site.status()
  assert.equal(instances.length, 2, JSON.stringify(instances))
  assert.deepEqual(new Set(instances.map(({ state, release }) => `${state} ${release}`)), new Set([`healthy ${live?.id}`]))
  const ascending = (one: number, other: number): number => one - other
  assert.deepEqual(site.processes().toSorted(ascending), instances.map(({ pid }) => pid ?? 0).toSorted(ascending))
  return instances
}
