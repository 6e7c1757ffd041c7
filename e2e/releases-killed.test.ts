/** kill -9 at the step boundaries of a release and of a rollback, from the command line down: of the plane, the router, one instance. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { StartedProcess } from '../test/child-process.ts'
import { startLoad } from '../test/load/load.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { proving, seed } from '../test/proving.ts'
import { type Site, long, openTwice, readEvents, routerPid, settledInstances } from './release-kit.ts'
import { pythonCommand } from './python-command.ts'

const python = pythonCommand()

/** Steps up to the one that marks the release live, with two instances and two shares; and the one that first has new instances. */
const STEPS = { release: { count: 12, started: 6 }, rollback: { count: 7, started: 4 } } as const
const VICTIMS = ['plane', 'router', 'old instance', 'new instance'] as const

/** Somebody is killed when so many steps of a release or a rollback are done. */
interface Kill {
  readonly action: keyof typeof STEPS
  readonly victim: (typeof VICTIMS)[number]
  readonly after: number
}

const kills: readonly Kill[] = (['release', 'rollback'] as const).flatMap((action) =>
  VICTIMS.flatMap((victim) =>
    Array.from({ length: STEPS[action].count }, (_, index) => ({ action, victim, after: index + 1 })).filter(
      ({ after }) => victim !== 'new instance' || after >= STEPS[action].started,
    ),
  ),
)

if (python === undefined) leaveOut('releases of a Python service that are cut off', 'no python3')
else {
  test(
    'whoever is killed at a step boundary, plane, router or instance, of a release or a rollback: one named release is live after it, and a copy answers all along',
    long,
    async (t) => {
      const chosen = choose(kills, 4)
      t.diagnostic(`${chosen.length} of ${kills.length} kills, seed ${seed}`)
      const site = await openTwice(t, `exec ${python} server.py`)
      const released = new Map<string, Named>([['v0', { number: 1, code: 'code 0', settings: { SET_ONE: 'setting 0' } }]])
      for (const [turn, kill] of chosen.entries()) {
        const served = watchServed(site)
        const acting = await begin(site, kill, released, turn + 1)
        await stepsDone(acting, kill.after)
        await carryOut(site, acting, kill)
        const { live, deployment } = await site.quiet()
        t.diagnostic(`${kill.victim} killed after step ${kill.after}: ${deployment?.kind} ${deployment?.state}, live ${live?.version}`)
        const expected = released.get(live?.version ?? '')
        assert.ok(expected, 'one named release is live')
        const instances = await eventually(() => settledInstances(site), { within: 120_000, every: 100 })
        for (let asked = 0; asked < 4; asked += 1) {
          const { code, settings, release, pid } = await site.served()
          assert.deepEqual({ code, settings, release }, { code: expected.code, settings: expected.settings, release: live?.id })
          assert.ok(instances.some((instance) => instance.pid === pid))
        }
        for (const { instance, restarts } of instances) assert.equal(startsOf(site, instance), 1 + restarts, `${instance} was started once`)
        const missing = await served.stop()
        // Without a router nobody is reached; the two that ask the next one find it as they left it.
        if (kill.victim !== 'router') assert.deepEqual(missing, [], JSON.stringify(kill))
      }
    },
  )

  test('no request fails because the plane is killed in the middle of a release', long, async (t) => {
    const site = await openTwice(t, `exec ${python} server.py`)
    const load = startLoad({
      target: site.plane.router,
      host: 'notes.localhost',
      workers: { keepAlive: 2, connections: 1 },
      pauseMs: 10,
      maxMs: 3_600_000,
    })
    t.after(() => load.stop())
    for (const [turn, after] of (proving ? [2, 4, 6, 7, 8, 9, 10, 11, 12] : [8]).entries()) {
      const kill: Kill = { action: 'release', victim: 'plane', after }
      const acting = await begin(site, kill, new Map(), turn + 1)
      await stepsDone(acting, after)
      await carryOut(site, acting, kill)
      await site.quiet()
      await eventually(() => settledInstances(site), { within: 120_000, every: 100 })
    }
    await eventually(() => load.report().requests > 100, { within: 120_000 })
    const report = await load.stop()
    assert.equal(report.failed, 0, JSON.stringify([report.failures, report.samples]))
    t.diagnostic(`${report.requests} requests, ${report.failed} failed`)
  })
}

interface Named {
  readonly number: number
  readonly code: string
  readonly settings: Readonly<Record<string, string>>
}

/** All of them in `npm run prove`, some by the seed otherwise, no two of them neighbours. */
function choose(all: readonly Kill[], count: number): readonly Kill[] {
  if (proving) return all
  const stride = Math.floor(all.length / count)
  return Array.from({ length: count }, (_, index) => all[(seed + index * stride) % all.length] as Kill)
}

/** Begins a release of something new, or a rollback to something else than what is live. */
async function begin(site: Site, { action }: Kill, released: Map<string, Named>, turn: number): Promise<StartedProcess> {
  const { live } = await site.status()
  const other = [...released.values()].findLast(({ number }) => number !== live?.number)
  if (action === 'rollback' && other) return site.begin(['rollback', '--to', `#${other.number}`])
  const content = { code: `code ${turn}`, settings: { SET_ONE: `setting ${turn}` } }
  site.write({ 'code.txt': content.code })
  await site.set('SET_ONE', content.settings.SET_ONE)
  released.set(`v${turn}`, { number: released.size + 1, ...content })
  return site.begin(['deploy', '--version', `v${turn}`])
}

/** Waits until so many steps are done, or the command has ended before that. */
async function stepsDone(acting: StartedProcess, count: number): Promise<void> {
  const done = (): boolean => readEvents(acting.stdout).filter(({ type, state }) => type === 'step' && state === 'done').length >= count
  const ended = acting.ended(300_000).then(() => true)
  await eventually(async () => done() || (await Promise.race([ended, pause(1, false)])), { within: 300_000, every: 0 })
}

async function carryOut(site: Site, acting: StartedProcess, { victim }: Kill): Promise<void> {
  if (victim === 'plane') {
    await site.killPlane()
    await acting.killGroup()
    assert.equal((await site.ask()).status, 200, 'it answers without a plane')
    return site.startAgain()
  }
  if (victim === 'router') {
    site.kill(await routerPid(site))
    await eventually(async () => (await site.ask()).status === 200, { within: 120_000 })
  } else {
    const { live } = await site.status()
    const one = (await site.instances()).find(
      ({ release, pid }) => pid !== undefined && (release === live?.id) === (victim === 'old instance'),
    )
    // What was asked for may be over by now, and all that was replaced gone with it.
    if (one?.pid !== undefined) site.kill(one.pid)
  }
  await acting.ended()
}

/** Looks, all the time, whether a copy answers; a request that the kill itself cut is asked again at once. */
function watchServed(site: Site): { stop(): Promise<string[]> } {
  let going = true
  const missing: string[] = []
  const look = (): Promise<string | undefined> => site.ask().then(({ status }) => (status === 200 ? undefined : String(status)), String)
  const looking = (async () => {
    for (; going; await pause(5)) {
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

/** How often an instance's program was begun, by what it printed. */
function startsOf(site: Site, instance: string): number {
  const log = readFileSync(join(site.home.data, 'instances', instance, 'output.log'), 'utf8')
  return log.split('\n').filter((line) => line === 'started').length
}
