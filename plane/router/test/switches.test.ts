import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Answering, answer } from '../../../test/load/answering-application.ts'
import { eventually } from '../../../test/eventually.ts'
import { type LoadReport, startLoad } from '../../../test/load/load.ts'
import { proving, times } from '../../../test/proving.ts'
import { type Routed, routed, upstream } from './routed.ts'

/** Many switches: a minute is too short for them on a slow machine. */
const long = { timeout: proving ? 3_600_000 : 280_000 }

/** How an old instance is taken away once the table sends it nothing new. */
type TakeAway = (old: Answering, router: Routed) => Promise<void>

const drainFirst: TakeAway = async (old, { client }) => {
  const drained = await client.drain({ upstream: old.address, epoch: 1, requestsMs: 20_000, connectionsMs: 10 })
  assert.equal(drained.outcome, 'drained')
  await old.close()
}

/** The drain that is left out: what a deployment without one would do. */
const killAtOnce: TakeAway = (old) => old.close()

/** Switches from instance to instance, each a release of its own, while every kind of traffic goes on. */
async function switchUnderLoad(context: TestContext, count: number, takeAway: TakeAway): Promise<LoadReport> {
  const router = await routed(context)
  let current = await answer({ release: '0' })
  context.after(() => current.close())
  await router.put([upstream(current.address, { release: '0' })])
  const load = startLoad({
    target: `http://127.0.0.1:${router.port}`,
    workers: { keepAlive: 6, connections: 1, uploads: 2, streams: 2, events: 1, webSockets: 3 },
    pauseMs: 10,
    uploadBytes: 100_000,
    maxMs: 3_600_000,
    labelHeader: 'x-release',
  })
  for (let release = 1; release <= count; release += 1) {
    const old = current
    current = await answer({ release: String(release) })
    await router.put([upstream(current.address, { release: String(release) })])
    await takeAway(old, router)
    // A release that nobody was served by proves nothing.
    await eventually(() => load.report().labels[release] !== undefined, { every: 2 })
  }
  const served = () => Object.values(load.report().kinds).every(({ requests }) => requests > 10)
  if (takeAway === drainFirst) await eventually(served)
  const report = await load.stop()
  await router.router.stop(1_000)
  return report
}

test('however often the release is switched, no request of any kind fails', long, async (context) => {
  const count = times({ short: 60, long: 10_000 })
  const report = await switchUnderLoad(context, count, drainFirst)
  assert.deepEqual([report.failed, report.failures, report.samples], [0, {}, []])
  assert.equal(report.applicationErrors, 0)
  assert.ok(Object.keys(report.labels).length >= count, 'every release served')
  // WebSockets were closed as the protocol knows it, over and over, and none was cut.
  assert.ok((report.webSocketEnds['1012'] ?? 0) > count / 10)
  assert.equal(report.webSocketEnds['cut'], undefined)
  context.diagnostic(
    `${count} switches, ${report.requests} requests, ${report.failed} failed, WebSockets ${JSON.stringify(report.webSocketEnds)}`,
  )
})

test('without a drain requests fail, and the count shows it', async (context) => {
  const report = await switchUnderLoad(context, 15, killAtOnce)
  assert.ok(report.failed > 0)
  assert.ok(
    (report.failures['truncated'] ?? 0) + (report.failures['router-upstream-reset'] ?? 0) + (report.failures['websocket-cut'] ?? 0) > 0,
  )
})

test('in gradual steps, with several instances, no request fails either', long, async (context) => {
  const router = await routed(context)
  const fleet = (release: string): Promise<Answering[]> => Promise.all([answer({ release }), answer({ release })])
  let current = await fleet('0')
  context.after(() => Promise.all(current.map((one) => one.close())))
  const put = (
    shares: readonly { readonly release: string; readonly members: readonly Answering[]; readonly weight: number }[],
  ): Promise<number> =>
    router.put(shares.flatMap(({ release, members, weight }) => members.map(({ address }) => upstream(address, { release, weight }))))
  await put([{ release: '0', members: current, weight: 100 }])
  const load = startLoad({
    target: `http://127.0.0.1:${router.port}`,
    workers: { keepAlive: 6, uploads: 1, webSockets: 2 },
    pauseMs: 4,
    uploadBytes: 50_000,
    maxMs: 3_600_000,
  })
  for (let release = 1; release <= times({ short: 6, long: 500 }); release += 1) {
    const [old, young] = [current, await fleet(String(release))]
    for (const weight of [10, 25, 50, 75, 100]) {
      await put([
        { release: String(release - 1), members: old, weight: 100 - weight },
        { release: String(release), members: young, weight },
      ])
      await pause(5)
    }
    await Promise.all(old.map((one) => drainFirst(one, router)))
    current = young
  }
  const report = await load.stop()
  assert.deepEqual([report.failed, report.samples], [0, []])
})
