import assert from 'node:assert/strict'
import { copyFileSync, readdirSync } from 'node:fs'
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
  one.write({ 'server.py': pythonServer, 'code.txt': 'one', 'headgate.yaml': applicationText({ web: { run: `exec ${run} server.py` } }) })
  assert.equal((await one.deploy()).code, 0)
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
  // What it would need to take it over comes to it by itself.
  await eventually(() => readdirSync(join(two.home.data, 'artifacts', 'manifests')).length === 1, { within: 60_000 })

  await one.killPlane()
  assert.equal((await one.served()).pid, before.pid, 'it serves on with its plane gone')
  const after = await eventually(async () => (await two.ask()).status === 200 && two.served(), { within: 180_000, every: 100 })
  assert.deepEqual([after.code, after.release], ['one', before.release])
  assert.notEqual(after.pid, before.pid)

  await one.startAgain()
  await eventually(() => !isRunning(before.pid), { within: 120_000, every: 100 })
  assert.equal((await one.ask()).status, 404, 'its router has no such service any more')
  assert.equal((await two.served()).pid, after.pid)
  assert.deepEqual(
    (await one.instances()).map(({ pid }) => pid),
    [after.pid],
    'asked about it, it asks the other',
  )
  two.write({ 'server.py': pythonServer, 'code.txt': 'two', 'headgate.yaml': applicationText({ web: { run: `exec ${run} server.py` } }) })
  assert.equal((await two.deploy()).code, 0)
  assert.equal((await two.served()).code, 'two')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
