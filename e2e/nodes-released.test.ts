import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { postgresDatabase, postgresMissing } from '../test/postgres-kit.ts'
import { type Home, makeHome, startPlane } from './plane-process.ts'
import { pythonCommand } from './python-command.ts'
import { Site, applicationText, long, pythonServer } from './release-kit.ts'

const missing = postgresMissing()
const python = pythonCommand()
if (missing !== undefined) leaveOut('releases of several nodes', missing)
else if (python === undefined) leaveOut('releases of several nodes', 'no python3')
else
  test('a node that starts anew keeps its releases; one that stays away loses them to another, and ends what it left running', long, (t) =>
    twoNodes(t, python),
  )

async function twoNodes(t: TestContext, run: string): Promise<void> {
  const database = await postgresDatabase(t)
  const homes = [makeHome(t, { database }), makeHome(t, { database })] as [Home, Home]
  const one = Site.at(t, homes[0], await startPlane(t, homes[0]))
  copyFileSync(join(homes[0].folder, 'root.key'), join(homes[1].folder, 'root.key'))
  const two = Site.at(t, homes[1], await startPlane(t, homes[1], one.plane.token))
  await one.run(['env', 'init', 'notes/production'])
  const unneeded = ['a', 'b'].map((digit, n) => leaveUnneeded((homes[n] as Home).data, digit.repeat(64)))
  for (const code of ['oldest', 'old', 'one']) {
    one.write({ 'server.py': pythonServer, 'code.txt': code, 'headgate.yaml': applicationText({ web: { run: `exec ${run} server.py` } }) })
    assert.equal((await one.deploy()).code, 0)
  }
  const before = await one.served()

  await one.stopPlane()
  await one.startAgain()
  assert.equal((await one.served()).pid, before.pid, 'the same process serves')
  assert.deepEqual(
    (await one.instances()).map(({ pid, restarts }) => [pid, restarts]),
    [[before.pid, 0]],
  )
  assert.deepEqual(
    (await two.instances()).map(({ pid }) => pid),
    [before.pid],
    'the other node has not taken it',
  )
  // What it would need to take it over, and to go back from there, comes to it by itself, and what nobody needs goes.
  await eventually(() => !unneeded.some((manifest) => existsSync(manifest)), { within: 60_000 })
  await eventually(() => readdirSync(join(two.home.data, 'artifacts', 'manifests')).length === 3, { within: 60_000 })

  await one.killPlane()
  assert.equal((await one.served()).pid, before.pid, 'it serves on with its plane gone')
  const after = await eventually(async () => (await two.ask()).status === 200 && two.served(), { within: 180_000, every: 100 })
  assert.deepEqual([after.code, after.release], ['one', before.release])
  assert.notEqual(after.pid, before.pid)
  two.write({ 'headgate.yaml': applicationText({ web: { run: `exec ${run} server.py` } }) })
  for (const [to, code] of [
    ['#1', 'oldest'],
    ['#3', 'one'],
  ] as const) {
    const back = await two.rollBack(to)
    assert.deepEqual([back.code, (await two.served()).code], [0, code], back.stderr)
  }
  const runsAtTwo = await two.served()

  await one.startAgain()
  await eventually(() => !isRunning(before.pid), { within: 120_000, every: 100 })
  assert.equal((await one.ask()).status, 404, 'its router has no such service any more')
  assert.equal((await two.served()).pid, runsAtTwo.pid)
  assert.deepEqual(
    (await one.instances()).map(({ pid }) => pid),
    [runsAtTwo.pid],
    'asked about it, it asks the other',
  )
  two.write({ 'server.py': pythonServer, 'code.txt': 'two', 'headgate.yaml': applicationText({ web: { run: `exec ${run} server.py` } }) })
  assert.equal((await two.deploy()).code, 0)
  assert.equal((await two.served()).code, 'two')
}

/** An artifact of no release, as the node found it two days ago; where its manifest is. */
function leaveUnneeded(data: string, digest: string): string {
  const manifest = join(data, 'artifacts', 'manifests', `${digest}.json`)
  writeFileSync(manifest, '{"entries":[]}')
  writeFileSync(join(data, 'artifacts', 'unneeded', digest), String(Date.now() - 2 * 24 * 60 * 60 * 1000))
  return manifest
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
