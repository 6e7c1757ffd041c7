import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import type { Ended } from '../test/child-process.ts'
import { type Home, type RunningPlane, makeHome, runHeadgate, startPlane } from './plane-process.ts'

const keyFileOf = (home: Home): string => join(home.folder, 'root.key')
const local = (home: Home): string[] => ['--data', home.data, '--key-file', keyFileOf(home)]

/** A command that needs no plane, on the folder of a home. */
function runLocally(t: TestContext, home: Home, words: readonly string[]): Promise<Ended> {
  return runHeadgate(t, { environment: home.environment }, words)
}

async function succeeds(run: Promise<Ended>): Promise<string> {
  const ended = await run
  assert.equal(ended.code, 0, ended.stdout + ended.stderr)
  return ended.stdout
}

/** The command refuses, with these words for a person and nothing of the program's insides. */
async function isRefused(run: Promise<Ended>, ...words: readonly RegExp[]): Promise<void> {
  const ended = await run
  assert.notEqual(ended.code, 0, ended.stdout)
  assert.notEqual(ended.code, 70, ended.stderr)
  for (const each of words) assert.match(ended.stderr, each)
  assert.doesNotMatch(ended.stderr, /^ +at .*:\d+:\d+/m)
}

async function stop(plane: RunningPlane): Promise<void> {
  plane.process.kill('SIGTERM')
  const ended = await plane.process.ended()
  assert.equal(ended.code, 0, ended.stderr)
}

/** Migrates a `.env` whose values say whose it is, and runs a program that prints what it was given. */
async function migrateAndRun(t: TestContext, plane: RunningPlane, home: Home, greeting: string): Promise<string> {
  const project = join(home.folder, 'its project')
  mkdirSync(project)
  writeFileSync(join(project, '.env'), `GREETING="${greeting}"\nAPI_TOKEN=example-${greeting}-1234\n`)
  const cwd = { cwd: project }
  await succeeds(runHeadgate(t, plane, ['migrate', 'apply', '--project', 'shop', '--yes'], cwd))
  const program = 'process.stdout.write(`${process.env.GREETING} ${process.env.API_TOKEN}`)'
  return succeeds(runHeadgate(t, plane, ['run', 'shop/dev', '--', 'node', '-e', program], cwd))
}

test('two planes side by side, on paths with spaces, know nothing of each other', { timeout: 120_000 }, async (t) => {
  const homes = [makeHome(t, { spaces: true }), makeHome(t, { spaces: true })] as const
  const planes = await Promise.all([startPlane(t, homes[0]), startPlane(t, homes[1])])
  assert.notEqual(planes[0].url, planes[1].url)
  assert.notEqual(planes[0].router, planes[1].router)
  const printed = await Promise.all([migrateAndRun(t, planes[0], homes[0], 'first'), migrateAndRun(t, planes[1], homes[1], 'second')])
  assert.deepEqual(printed, ['first example-first-1234', 'second example-second-1234'])
  const stranger = { ...planes[1].environment, HEADGATE_TOKEN: planes[0].token.reveal() }
  await isRefused(runHeadgate(t, { environment: stranger }, ['env', 'ls']), /^TOKEN_INVALID/m)
  for (const plane of planes) await stop(plane)
})

test('a data folder is one plane: whatever else wants it is told whose it is', { timeout: 120_000 }, async (t) => {
  const home = makeHome(t, { spaces: true })
  const plane = await startPlane(t, home)
  await succeeds(runHeadgate(t, plane, ['env', 'init', 'shop/dev']))
  const itsProcess = new RegExp(`^DATA_LOCKED .* is in use by process ${plane.process.pid}$`, 'm')
  await isRefused(runLocally(t, home, ['serve', ...local(home), '--port', '0']), itsProcess)
  await isRefused(runLocally(t, home, ['audit', 'verify', ...local(home)]), itsProcess)
  await isRefused(runLocally(t, home, ['access', 'reset-owner', ...local(home)]), itsProcess)
  await stop(plane)
  assert.match(await succeeds(runLocally(t, home, ['audit', 'verify', ...local(home)])), /^verified: nothing was changed/)

  const reset = JSON.parse(await succeeds(runLocally(t, home, ['access', 'reset-owner', ...local(home), '--json']))) as {
    token: string
    revoked: number
  }
  assert.equal(reset.revoked, 1)
  const again = await startPlane(t, home, new Secret(reset.token))
  assert.match(await succeeds(runHeadgate(t, again, ['env', 'ls'])), /shop\/dev/)
  const lost = { ...again.environment, HEADGATE_TOKEN: plane.token.reveal() }
  await isRefused(runHeadgate(t, { environment: lost }, ['env', 'ls']), /^TOKEN_REVOKED/m)
  await stop(again)
})

test('a back-up restored into an empty folder opens to the same values, and into no other folder', { timeout: 120_000 }, async (t) => {
  const home = makeHome(t, { spaces: true })
  const plane = await startPlane(t, home)
  const opened = async (of: RunningPlane): Promise<string> => succeeds(runHeadgate(t, of, ['open', 'shop/dev', '--json']))
  await migrateAndRun(t, plane, home, 'kept')
  const before = await opened(plane)
  const [file, passphrase] = [join(home.folder, 'all of it.age'), join(home.folder, 'passphrase')]
  writeFileSync(passphrase, 'made up for this test\n')
  await succeeds(runHeadgate(t, plane, ['backup', '--output', file, '--passphrase-file', passphrase]))
  await stop(plane)

  const elsewhere = makeHome(t, { spaces: true })
  const restoring = (into: Home): Promise<Ended> => runLocally(t, into, ['restore', file, ...local(into), '--passphrase-file', passphrase])
  await succeeds(restoring(elsewhere))
  const restored = await startPlane(t, elsewhere, plane.token)
  assert.equal(await opened(restored), before)
  await stop(restored)
  const full = makeHome(t, { spaces: true })
  mkdirSync(full.data)
  writeFileSync(join(full.data, 'somebody'), 'was here\n')
  await isRefused(restoring(full), /^RESTORE_NOT_EMPTY .* is not empty, and a restore overwrites nothing$/m)
  assert.deepEqual(readdirSync(full.data), ['somebody'])
})

test('a copy is restored and served beside the plane it is of, which still has the port both knew', { timeout: 120_000 }, async (t) => {
  const home = makeHome(t, { spaces: true })
  const plane = await startPlane(t, home)
  await migrateAndRun(t, plane, home, 'kept')
  const [file, passphrase] = [join(home.folder, 'all of it.age'), join(home.folder, 'passphrase')]
  writeFileSync(passphrase, 'made up for this test\n')
  await succeeds(runHeadgate(t, plane, ['backup', '--output', file, '--passphrase-file', passphrase]))
  const restoring = (...more: string[]): Promise<Ended> => runLocally(t, home, ['restore', file, '--passphrase-file', passphrase, ...more])
  const beside = join(home.folder, 'beside')
  await isRefused(restoring('--data', beside, '--key-file', keyFileOf(home)), /^RESTORE_BESIDE .* is still in .*data/m)
  const copy = makeHome(t, { spaces: true })
  await succeeds(restoring(...local(copy)))
  const restored = await startPlane(t, copy, plane.token)
  assert.notEqual(restored.url, plane.url)
  for (const each of [plane, restored]) assert.match(await succeeds(runHeadgate(t, each, ['open', 'shop/dev'])), /"kept"/)
  for (const each of [plane, restored]) await stop(each)
})

test('a database of a newer Headgate, and a key file others can read, are refused in words', { timeout: 120_000 }, async (t) => {
  const home = makeHome(t, { spaces: true })
  const plane = await startPlane(t, home)
  await stop(plane)
  chmodSync(keyFileOf(home), 0o644)
  const serving = (): Promise<Ended> => runLocally(t, home, ['serve', ...local(home), '--port', '0'])
  await isRefused(serving(), /^KEY_EXPOSED .* can be read by others \(mode 644\)$/m, /try: chmod 600 /)
  chmodSync(keyFileOf(home), 0o600)

  const file = readdirSync(home.data).find((name) => name.endsWith('.db') || name.endsWith('.sqlite'))
  const database = new DatabaseSync(join(home.data, file ?? ''))
  database.exec(`insert into schema_history values (9999, '9999-of-a-newer-headgate')`)
  database.close()
  await isRefused(
    serving(),
    /^DATA_NEWER .* is of format \d+, and this Headgate knows formats up to \d+$/m,
    /try: use the Headgate that wrote it/,
  )
})
