import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { killIfThere, makeHome, processesIn, runHeadgate, startPlane, stopRouter } from './plane-process.ts'
import { pythonCommand } from './python-command.ts'
import { Site, applicationText, long, pythonServer } from './release-kit.ts'

const python = pythonCommand()

if (python === undefined) leaveOut('a Python service that a back-up brings back', 'no python3')
else
  test('after a machine is lost, its back-up runs the release it had, and goes back to the one before', long, async (t) => {
    const lost = await Site.open(t)
    const application = { 'headgate.yaml': applicationText({ web: { run: `exec ${python} server.py` } }) }
    lost.write({ 'server.py': pythonServer, ...application })
    for (const [code, version] of Object.entries({ first: 'v0', second: 'v1' })) {
      lost.write({ 'code.txt': code })
      assert.equal((await lost.deploy(['--version', version])).code, 0)
    }
    const [file, passphrase] = [join(lost.home.folder, 'all.age'), join(lost.home.folder, 'passphrase')]
    writeFileSync(passphrase, 'made up for this test\n')
    await lost.run(['backup', '--output', file, '--passphrase-file', passphrase])
    await lost.killPlane()
    await stopRouter(lost.home.data)
    for (const pid of processesIn(lost.home.data)) killIfThere(pid)

    const home = makeHome(t)
    const key = ['--key-file', join(home.folder, 'root.key')]
    const restored = await runHeadgate(t, { environment: home.environment }, [
      ...['restore', file, '--data', home.data, ...key, '--passphrase-file', passphrase],
    ])
    assert.equal(restored.code, 0, restored.stderr)
    const site = Site.at(t, home, await startPlane(t, home, lost.plane.token))
    await eventually(async () => (await site.ask()).status === 200, { within: 180_000, every: 100 })
    assert.equal((await site.served()).code, 'second')
    site.write(application)
    const back = await site.rollBack('v0')
    assert.equal(back.code, 0, JSON.stringify(back.end) + back.stderr)
    assert.equal((await site.served()).code, 'first')
  })
