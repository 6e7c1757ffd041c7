import assert from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type TestContext, test } from 'node:test'
import { type Load, startLoad } from '../test/load/load.ts'
import { eventually } from '../test/eventually.ts'
import { times } from '../test/proving.ts'
import { repository } from './plane-process.ts'
import { Site, applicationText } from './release-kit.ts'

const target = { organisation: 'main', project: 'notes', environment: 'production' }

/** A program that answers every kind of traffic, and says which release it is of. */
const server = (release: string): string => `import { answer } from ${JSON.stringify(
  pathToFileURL(join(repository, 'test', 'load', 'answering-application.ts')).href,
)}
await answer({ release: '${release}', port: Number(process.env.PORT) })
`

/** Two releases, #1 live and then #2, under every kind of load. */
async function openUnderLoad(t: TestContext): Promise<{ site: Site; load: Load }> {
  const site = await Site.open(t)
  const run = JSON.stringify(`"${process.execPath}" server.mjs`)
  site.write({ 'headgate.yaml': applicationText({ web: { run } }) })
  for (const [index, release] of ['one', 'two'].entries()) {
    site.write({ 'server.mjs': server(release) })
    await site.set('SET_ONE', release)
    const deployed = await site.deploy(['--version', `v${index + 1}`])
    assert.equal(deployed.code, 0, JSON.stringify(deployed.end) + deployed.stderr)
  }
  const load = startLoad({
    target: site.plane.router,
    host: 'notes.localhost',
    workers: { keepAlive: 2, connections: 1, uploads: 1, streams: 2, events: 1, webSockets: 2 },
    uploadBytes: 512 * 1024,
    pauseMs: 10,
    maxMs: 1_800_000,
    labelHeader: 'x-release',
  })
  t.after(() => load.stop())
  await eventually(() => load.report().requests > 30 && load.report().kinds.webSockets.requests > 2, { within: 20_000 })
  return { site, load }
}

async function switchTo(site: Site, to: string): Promise<void> {
  const begun = await site.plane.client.call('rollBack', { params: target, body: { to } })
  assert.ok(begun.ok, JSON.stringify(begun))
}

async function switched(site: Site, number: number): Promise<void> {
  const ended = async (): Promise<boolean> => {
    const { live } = await site.quiet()
    const instances = await site.instances()
    return live?.number === number && instances.length === 1 && instances[0]?.release === live.id
  }
  await eventually(ended, { within: 60_000, every: 100 })
}

/** A target is free for its next deployment once the last one has drained. */
function begin(site: Site, to: string): Promise<unknown> {
  return eventually(() => switchTo(site, to).then(() => true), { within: 60_000, every: 100 })
}

test('consecutive switches under every kind of traffic fail no request', async (t) => {
  const { site, load } = await openUnderLoad(t)
  const switches = times({ short: 10, long: 100 })
  for (let turn = 0; turn < switches; turn += 1) {
    const number = turn % 2 === 0 ? 1 : 2
    await begin(site, `#${number}`)
    await switched(site, number)
  }
  const report = await load.stop()
  t.diagnostic(
    `${switches} switches, ${report.requests} requests, ${report.failed} failed, ${JSON.stringify([report.kinds, report.webSocketEnds])}`,
  )
  assert.equal(report.failed, 0, JSON.stringify([report.failures, report.samples]))
  for (const kind of ['keepAlive', 'connections', 'uploads', 'streams', 'events', 'webSockets'] as const) {
    assert.ok(report.kinds[kind].requests >= switches / 2, `${kind}: ${report.kinds[kind].requests}`)
  }
  assert.deepEqual(Object.keys(report.labels).toSorted(), ['one', 'two'])
})

test('a drain that is cut off, because the old instance is killed at the switch, is counted as failed requests', async (t) => {
  const { site, load } = await openUnderLoad(t)
  assert.equal(load.report().failed, 0, JSON.stringify(load.report().failures))
  const old = (await site.instances()).map(({ pid }) => pid ?? 0)
  const before = load.report().labels['one']?.requests ?? 0
  await begin(site, '#1')
  await eventually(() => (load.report().labels['one']?.requests ?? 0) > before, { within: 60_000, every: 1 })
  for (const pid of old) {
    // The whole session: what a shell started in it holds the connections.
    process.kill(-pid, 'SIGKILL')
  }
  await switched(site, 1)
  const report = await load.stop()
  t.diagnostic(`${report.failed} failed: ${JSON.stringify(report.failures)}`)
  assert.ok(report.failed > 0, 'the count rises')
})
