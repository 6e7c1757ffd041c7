import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startLoad } from '../test/load/load.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { times } from '../test/proving.ts'
import { runProcess } from '../test/child-process.ts'
import { headgate, processesIn } from './plane-process.ts'
import { Site, applicationText, long, openTwice, pythonServer, routerPid } from './release-kit.ts'
import { pythonCommand } from './python-command.ts'

const python = pythonCommand()

if (python === undefined) leaveOut('a Python service whose instance or router is killed', 'no python3')
else {
  test('an instance that is killed is started again while the other one answers', long, async (t) => {
    const site = await openTwice(t, `exec ${python} server.py`)
    const load = startLoad({
      target: site.plane.router,
      host: 'notes.localhost',
      workers: { connections: 1 },
      pauseMs: 2,
      maxMs: 3_600_000,
    })
    t.after(() => load.stop())
    for (let kill = 0; kill < times({ short: 1, long: 5 }); kill += 1) {
      let withoutCopy = false
      const [one] = await site.instances()
      site.kill(one?.pid ?? 0)
      await eventually(
        async () => {
          const instances = await site.instances()
          withoutCopy ||= instances.every(({ state }) => state !== 'healthy')
          const again = instances.find(({ instance }) => instance === one?.instance)
          return again?.state === 'healthy' && again.pid !== one?.pid
        },
        { within: 120_000, every: 20 },
      )
      assert.equal(withoutCopy, false, 'never without a healthy copy')
      assert.equal(site.processes().length, 2)
    }
    await eventually(() => load.report().requests > 5, { within: 120_000 })
    const report = await load.stop()
    // The request that the killed process held is lost, and no other: there is one at a time.
    assert.ok(report.failed <= times({ short: 1, long: 5 }), JSON.stringify([report.failures, report.samples]))
  })

  test('a router that is killed is back on its port with its table, whether a plane runs or the next one starts it', long, async (t) => {
    const site = await openTwice(t, `exec ${python} server.py`)
    const before = await site.served()
    const killed = await routerPid(site)
    site.kill(killed)
    const began = performance.now()
    await eventually(async () => (await site.ask()).status === 200, { within: 120_000, every: 20 })
    t.diagnostic(`the router answered again ${Math.round(performance.now() - began)} ms after it was killed`)
    assert.notEqual(await routerPid(site), killed)
    assert.deepEqual({ ...(await site.served()), pid: 0 }, { ...before, pid: 0 })
    const address = site.plane.router
    await site.killPlane()
    site.kill(await routerPid(site))
    await assert.rejects(site.ask(), 'nobody starts it again without a plane')
    await site.startAgain()
    assert.equal(site.plane.router, address)
    await eventually(async () => (await site.ask()).status === 200, { within: 120_000 })
    assert.equal((await site.served()).release, before.release)
    assert.equal(site.processes().length, 2, 'no instance was started a second time')
  })

  test('a run that a shell stands in front of leaves no process when it is restarted, replaced and stopped', long, async (t) => {
    const site = await Site.open(t)
    const wrapped = JSON.stringify(`sh -c '${python} server.py & wait'`)
    site.write({ 'server.py': pythonServer, 'code.txt': 'one', 'headgate.yaml': applicationText({ web: { run: wrapped } }) })
    assert.equal((await site.deploy()).code, 0)
    // By its folder: one that is dead and that nobody asks after has none.
    const runs = (pid: number): boolean => processesIn(join(site.home.data, 'artifacts')).includes(pid)
    const leader = (await site.instances())[0]?.pid ?? 0
    const before = await site.served()
    assert.notEqual(before.pid, leader, 'the program is a child of the shell')
    // The shell alone: what it started goes on listening.
    site.kill(leader)
    const after = await eventually(
      async () => {
        const { status, body } = await site.ask()
        const pid = status === 200 ? (JSON.parse(body) as { pid: number }).pid : before.pid
        return pid !== before.pid && { pid }
      },
      { within: 120_000, every: 50 },
    )
    assert.equal(runs(before.pid), false, 'what the killed shell left is gone')
    site.write({ 'code.txt': 'two' })
    assert.equal((await site.deploy()).code, 0)
    await eventually(() => !runs(after.pid), { within: 120_000 })
    await site.run(['release', 'stop', '--environment', 'production', '--yes'])
    assert.deepEqual(processesIn(join(site.home.data, 'artifacts')), [])
  })

  test('commands that come right one behind the other need no pause between them', long, async (t) => {
    const site = await Site.open(t)
    site.write({
      'server.py': pythonServer,
      'code.txt': 'one',
      // Ended by SIGTERM only after a while, as a service that finishes its work.
      'headgate.yaml': applicationText({ web: { run: `trap 'sleep 8; kill $!; exit' TERM; ${python} server.py & wait` } }),
    })
    assert.equal((await site.deploy()).code, 0)
    site.write({ 'code.txt': 'two' })
    const both =
      'headgate deploy --environment production && headgate deploy --environment production && headgate rollback --environment production'
    const ended = await runProcess(t, ['sh', '-c', both.replaceAll('headgate', `"${process.execPath}" "${headgate}"`)], {
      cwd: site.folder,
      env: site.plane.environment,
      within: 240_000,
    })
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.equal((await site.served()).code, 'one')
    await site.quiet()
  })
}
