import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type TestContext, test } from 'node:test'
import { type Load, startLoad } from '../test/load/load.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { times } from '../test/proving.ts'
import { repository } from './plane-process.ts'
import { pythonCommand } from './python-command.ts'
import { Site, applicationText, long, pythonServer } from './release-kit.ts'

const target = { organisation: 'main', project: 'notes', environment: 'production' }

/** A program that answers every kind of traffic, and says which release it is of. */
const server = (release: string): string => `import { answer } from ${JSON.stringify(
  pathToFileURL(join(repository, 'test', 'load', 'answering-application.ts')).href,
)}
await answer({ release: '${release}', port: Number(process.env.PORT) })
`

/** Two releases, #1 live and then #2, under every kind of load. */
async function openUnderLoad(t: TestContext, drain?: string): Promise<{ site: Site; load: Load }> {
  const site = await Site.open(t)
  const run = JSON.stringify(`"${process.execPath}" server.mjs`)
  site.write({ 'headgate.yaml': applicationText({ web: { run, ...(drain === undefined ? {} : { drain }) } }) })
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
  await eventually(() => load.report().requests > 30 && load.report().kinds.webSockets.requests > 2, { within: 120_000 })
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
  await eventually(ended, { within: 180_000, every: 100 })
}

/** Waits until this release has answered somebody it had not answered yet. */
async function answered(load: Load, release: string, before = load.report().labels[release]?.requests ?? 0): Promise<void> {
  await eventually(() => (load.report().labels[release]?.requests ?? 0) > before, { within: 120_000, every: 5 })
}

test('consecutive switches under every kind of traffic fail no request', long, async (t) => {
  const { site, load } = await openUnderLoad(t)
  const switches = times({ short: 6, long: 100 })
  for (let turn = 0; turn < switches; turn += 1) {
    const number = turn % 2 === 0 ? 1 : 2
    const label = number === 1 ? 'one' : 'two'
    const before = load.report().labels[label]?.requests ?? 0
    await switchTo(site, `#${number}`)
    await switched(site, number)
    await answered(load, label, before)
  }
  const kinds = ['keepAlive', 'connections', 'uploads', 'streams', 'events', 'webSockets'] as const
  // Every kind was under way through many of the switches, however slow the machine is.
  await eventually(() => kinds.every((kind) => load.report().kinds[kind].requests >= switches / 2), { within: 300_000, every: 100 })
  const report = await load.stop()
  t.diagnostic(
    `${switches} switches, ${report.requests} requests, ${report.failed} failed, ${JSON.stringify([report.kinds, report.webSocketEnds])}`,
  )
  assert.equal(report.failed, 0, JSON.stringify([report.failures, report.samples]))
  assert.deepEqual(Object.keys(report.labels).toSorted(), ['one', 'two'])
})

test('a drain that is cut off, because the old instance is killed at the switch, is counted as failed requests', long, async (t) => {
  // Long enough for the old instance to hold its WebSockets until it is killed.
  const { site, load } = await openUnderLoad(t, '{ requests: 120s, connections: 120s }')
  assert.equal(load.report().failed, 0, JSON.stringify(load.report().failures))
  const old = (await site.instances()).map(({ pid }) => pid ?? 0)
  const before = load.report().labels['one']?.requests ?? 0
  await switchTo(site, '#1')
  await answered(load, 'one', before)
  for (const pid of old) {
    // The whole session: what a shell started in it holds the connections.
    process.kill(-pid, 'SIGKILL')
  }
  await switched(site, 1)
  const report = await load.stop()
  t.diagnostic(`${report.failed} failed: ${JSON.stringify(report.failures)}`)
  assert.ok(report.failed > 0, 'the count rises')
})

/** Answers with the text of its file, read anew for each request. */
const fileServer = pythonServer
  .replace(/^(CODE|ANSWER) = .*\n/gm, '')
  .replace(
    '    def do_GET(self):\n',
    "$&        answer = json.dumps({'text': open(SETTINGS['SET_FILE'], encoding='utf-8').read(), 'file': SETTINGS['SET_FILE'], 'pid': os.getpid()}).encode()\n",
  )
  .replaceAll('ANSWER', 'answer')

/** Confirms for a service that knows nothing of Headgate what its instance is given. */
const confirming = `import { Headgate } from ${JSON.stringify(pathToFileURL(join(repository, 'clients', 'sdk', 'src', 'index.ts')).href)}
await Headgate.connect({ fallback: { mode: 'off' } })
setInterval(() => {}, 60_000)
`

/** Whether a text stands in a file below a folder, or in what processes were started with. */
function placesOf(text: string, folder: string): string[] {
  const files = globSync('**', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name))
  const started = existsSync('/proc') ? globSync('/proc/[0-9]*/{cmdline,environ}') : []
  return [...paths, ...started].filter((path) => {
    try {
      return readFileSync(path).includes(text)
    } catch {
      // It ended or was removed in between, or is another user's.
      return false
    }
  })
}

const python = pythonCommand()

if (python === undefined) leaveOut('the files of an environment at a Python service', 'no python3')
else {
  test(
    'a service reads its file, sees it change in place by a configuration-only release, and leaves nothing of it behind',
    long,
    async (t) => {
      const site = await Site.open(t)
      const keys = [0, 1].map(() => `made-up-${randomBytes(12).toString('hex')}`)
      const [first = '', second = ''] = keys
      const document = 'values:\n  key:\n    fn::secret: KEY\n  files:\n    SET_FILE: |\n      [shop]\n      key = ${key}\n'
      await site.run(['env', 'edit', 'notes/production', '--file', '-'], document.replace('KEY', first))
      const run = JSON.stringify(`"${process.execPath}" --conditions=source confirm.mjs & exec ${python} server.py`)
      site.write({
        'server.py': fileServer,
        'confirm.mjs': confirming,
        'headgate.yaml': applicationText({ web: { run, more: '    reload: auto' } }),
      })
      const deployed = await site.deploy()
      assert.equal(deployed.code, 0, JSON.stringify(deployed.end) + deployed.stderr)
      const served = async () => JSON.parse((await site.ask()).body) as { text: string; file: string; pid: number }
      const before = await served()
      assert.equal(before.text, `[shop]\nkey = ${first}\n`)
      assert.equal(statSync(before.file).mode & 0o777, 0o600)
      assert.equal(statSync(dirname(before.file)).mode & 0o777, 0o700)
      // The search finds what is there: the text in the file, and the file's name with its process.
      assert.deepEqual(placesOf(first, dirname(before.file)), [before.file])
      if (existsSync('/proc')) assert.notDeepEqual(placesOf(before.file, site.home.data), [])

      await site.run(['env', 'set', 'notes/production', 'key', '--secret', '-'], second)
      const after = await eventually(async () => (await site.status()).live?.number === 2 && served(), { within: 120_000, every: 100 })
      assert.deepEqual(after, { ...before, text: `[shop]\nkey = ${second}\n` }, 'the same process, the same file, another text')
      const { deployment } = await site.quiet()
      assert.deepEqual([deployment?.kind, deployment?.state], ['configuration', 'live'])
      for (const key of keys) {
        // Without a file system in memory the file itself is in the data folder, as long as it is needed.
        const found = placesOf(key, site.home.data).filter((path) => dirname(path) !== dirname(after.file))
        assert.deepEqual(found, [])
      }

      await site.run(['release', 'stop', '--environment', 'production', '--yes'])
      assert.equal(existsSync(dirname(after.file)), false)
      for (const key of keys) assert.deepEqual(placesOf(key, site.home.folder), [])
    },
  )
}
