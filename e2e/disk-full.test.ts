import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import { type PlaneClient, createPlaneClient } from '@headgate/sdk/http'
import { startProcess } from '../test/child-process.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { headgate, makeHome, runHeadgate } from './plane-process.ts'

/** Room for the space the plane keeps, and some more. */
const DISK = '44m'
const environment = { organisation: 'main', project: 'shop', environment: 'dev' }

test(
  'on a full disk no secret leaves, but signing in, status, pruning and export go on, and so does everything once there is room',
  { timeout: 300_000 },
  async (t) => {
    if (!canMount()) return leaveOut('a plane on a full disk', 'a small disk in memory cannot be mounted here', t)
    const home = makeHome(t)
    const disk = join(home.folder, 'disk')
    mkdirSync(disk)
    const serve = `mount -t tmpfs -o size=${DISK} none "$DISK" && exec "$NODE" "$HEADGATE" serve --data "$DISK/data" --key-file "$KEY" --port 0 --audit-retention 0 --json`
    const env = { ...home.environment, DISK: disk, NODE: process.execPath, HEADGATE: headgate, KEY: join(home.folder, 'root.key') }
    const plane = startProcess(t, ['unshare', '--map-root-user', '--mount', 'sh', '-c', serve], { env, cwd: home.folder, within: 60_000 })
    const ready = (await plane.json()) as { url: string; token: string }
    const client = createPlaneClient({ url: ready.url, token: new Secret(ready.token) })
    const inside = `/proc/${plane.pid}/root${disk}`
    const text = 'values: {password: {fn::secret: made-up}}'
    assert.ok((await client.call('createEnvironment', { params: environment, body: { text } })).ok)
    await eventually(() => statSync(join(inside, 'data', 'headgate.reserve')).size === 16 * 1024 * 1024)
    const openSome = () => Promise.all(Array.from({ length: 64 }, () => client.call('openEnvironment', { params: environment })))
    await untilPruned(client, openSome)
    for (let n = 0; n < 10; n += 1) await openSome()

    const ballast = join(inside, 'ballast')
    fill(ballast)
    const opened = await openUntilRefused(
      () => client.call('openEnvironment', { params: environment }),
      () => fill(ballast),
    )
    assert.equal(opened.code, 'STORE_FULL')
    for (let n = 0; n < 5; n += 1) {
      assert.equal((await client.call('getSession', {})).ok, true, 'signing in')
      const refused = await client.call('openEnvironment', { params: environment })
      assert.equal(refused.ok ? '' : refused.problem.code, 'STORE_FULL')
    }
    const saved = await client.call('saveEnvironment', { params: environment, body: { text: 'values: {}', expected: 1 } })
    assert.equal(saved.ok ? '' : saved.problem.code, 'STORE_FULL')
    assert.ok((await client.call('readStatus', { params: environment })).ok, 'status')
    assert.deepEqual(await healthOf(client), ['failed', 'full'])
    assert.ok((await client.call('listAudit', { query: { limit: 5 } })).ok, 'reading the log')
    const signedIn = { environment: { ...home.environment, HEADGATE_URL: ready.url, HEADGATE_TOKEN: ready.token } }
    const looked = await runHeadgate(t, signedIn, ['doctor', '--data', join(inside, 'data')])
    assert.match(looked.stdout, /^✗ recording +its disk is full/m)
    const exported = await runHeadgate(t, signedIn, ['audit', 'export', '--output', 'log.jsonl'], { cwd: home.folder })
    assert.equal(exported.code, 0, exported.stderr)
    const key = await runHeadgate(t, signedIn, ['audit', 'checkpoint', '--log-key'])
    writeFileSync(join(home.folder, 'log-key'), key.stdout)
    const checked = await runHeadgate(t, signedIn, ['audit', 'check', 'log.jsonl', '--log-key-file', 'log-key'], { cwd: home.folder })
    assert.equal(checked.code, 0, checked.stdout)
    assert.ok(readFileSync(join(home.folder, 'log.jsonl'), 'utf8').split('\n').length > opened.times)
    const pruned = await runHeadgate(t, signedIn, ['audit', 'prune', '--json'])
    assert.equal(pruned.code, 0, pruned.stderr)
    const { records } = JSON.parse(pruned.stdout) as { records: number }
    assert.ok(records >= 256 && records % 256 === 0, `${records} records, ${opened.times} openings`)

    rmSync(ballast)
    await eventually(async () => (await client.call('openEnvironment', { params: environment })).ok, { within: 30_000 })
    assert.equal(statSync(join(inside, 'data', 'headgate.reserve')).size, 16 * 1024 * 1024)
    assert.deepEqual(await healthOf(client), ['ok', 'ok'])
    const report = await client.call('verifyAudit', { body: {} })
    assert.deepEqual(report.ok && report.value.findings, [])
    plane.kill('SIGTERM')
    assert.equal((await plane.ended(60_000)).code, 0)
  },
)

async function healthOf(client: PlaneClient): Promise<string[]> {
  const health = await client.call('getSecretsHealth', {})
  assert.ok(health.ok)
  return [health.value.status, health.value.audit.recording]
}

/**
 * The plane lets go of what is old by itself a second after its start, of nothing where too little is there yet, and then not
 * for an hour: what is opened after that is there to be pruned.
 */
async function untilPruned(client: PlaneClient, openSome: () => Promise<unknown>): Promise<void> {
  const begun = performance.now()
  await eventually(async () => {
    await openSome()
    const oldest = await client.call('listAudit', { query: { limit: 1 } })
    return (oldest.ok && (oldest.value.records[0]?.index ?? 0) >= 256) || performance.now() - begun > 8_000
  })
}

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Takes what room there is. */
function fill(file: string): void {
  const handle = openSync(file, 'a')
  try {
    for (let size = 1024 * 1024; size >= 1; size = size > 4096 ? 4096 : 0) {
      try {
        for (;;) writeSync(handle, Buffer.alloc(size, 1))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(handle)
  }
}

/** The log of the database has room of its own at first, so it takes a while until the disk is felt. */
async function openUntilRefused(
  open: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly problem: { readonly code: string } }>,
  fillAgain: () => void,
): Promise<{ code: string; times: number }> {
  for (let times = 0; times < 5_000; times += 1) {
    const result = await open()
    if (!result.ok) return { code: result.problem.code, times }
    if (times % 50 === 0) fillAgain()
  }
  return { code: 'never', times: 5_000 }
}
