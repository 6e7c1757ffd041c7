/** What a release meets when the machine has no room for it: a full disk, a port somebody else has. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { makeHome, runHeadgate, startPlane } from './plane-process.ts'
import { pythonCommand } from './python-command.ts'
import { Site, applicationText, pythonServer, long } from './release-kit.ts'

const python = pythonCommand()
const run = `${python} server.py`

/** The disk of a test's data folder, in bytes; a plane with a release takes about 12 MB of it. */
const DISK = 40_000_000

/** Takes whatever room a disk has left. */
function fill(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(2 * DISK))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  }
}

/** A site with v1 live on a disk of its own; undefined where no such disk can be made. */
async function openOnSmallDisk(t: TestContext): Promise<Site | undefined> {
  const home = makeHome(t, { diskBytes: DISK })
  if (!home.disk) return undefined
  const site = Site.at(t, home, await startPlane(t, home))
  await site.run(['env', 'init', 'notes/production'])
  site.write({ 'server.py': pythonServer, 'code.txt': 'one', 'headgate.yaml': applicationText({ web: { run } }) })
  await site.set('SET_ONE', 'first')
  const first = await site.deploy(['--version', 'v1'])
  assert.equal(first.code, 0, JSON.stringify(first.end) + first.stderr)
  return site
}

async function assertV1(site: Site): Promise<void> {
  const { code, settings } = await site.served()
  assert.deepEqual([code, settings], ['one', { SET_ONE: 'first' }])
  assert.equal((await site.quiet()).live?.version, 'v1')
  assert.deepEqual(readdirSync(join(site.home.data, 'artifacts', 'tmp')), [], 'nothing half-written')
}

if (python === undefined) leaveOut('releases without room', 'no python3')
else {
  test('a disk that is full during the copy ends a release in words, v1 serves on, and with room it goes live', long, async (t) => {
    const site = await openOnSmallDisk(t)
    if (site === undefined) return leaveOut('a full disk during the copy of a release', 'no file system can be mounted here', t)
    site.write({ 'code.txt': 'two' })
    await site.set('SET_ONE', 'second')

    // One file that the disk cannot hold; then files it holds once, but not twice, as the copy needs.
    for (const sizes of [[DISK], [4_000_000, 4_000_000, 4_000_000, 4_000_000]]) {
      for (const [index, size] of sizes.entries()) writeFileSync(join(site.folder, `large-${index}`), randomBytes(size))
      const refused = await site.try(['deploy', '--environment', 'production', '--version', 'large'])
      assert.equal(refused.code, 1, refused.stdout + refused.stderr)
      assert.match(refused.stderr, /^ARTIFACT_DISK .*artifacts: the disk is full\. Nothing half-written/m)
      assert.match(refused.stderr, /try: make room there and deploy again/)
      await assertV1(site)
      for (const index of sizes.keys()) rmSync(join(site.folder, `large-${index}`))
    }

    // Not even the journal can be written.
    const filler = join(site.home.data, 'filler')
    fill(filler)
    const unwritten = await site.try(['deploy', '--environment', 'production', '--version', 'v2'])
    assert.equal(unwritten.code, 1, unwritten.stdout + unwritten.stderr)
    assert.match(unwritten.stderr, /^(ARTIFACT_DISK|STORE_FULL|STORE_UNAVAILABLE) [^]*try: make room/m)
    await assertV1(site)
    rmSync(filler)
    const deployed = await site.deploy(['--version', 'v2'])
    assert.equal(deployed.code, 0, JSON.stringify(deployed.end) + deployed.stderr)
    const { code, settings } = await site.served()
    assert.deepEqual([code, settings], ['two', { SET_ONE: 'second' }])
  })

  test(
    'a disk that gets full in the middle of a release holds it up; with room again it goes on, and nobody was refused',
    long,
    async (t) => {
      const site = await openOnSmallDisk(t)
      if (site === undefined) return leaveOut('a disk that gets full in the middle of a release', 'no file system can be mounted here', t)
      site.write({ 'code.txt': 'two', 'headgate.yaml': applicationText({ web: { run } }, '[50, 100]').replace('200ms', '3s') })
      const deploying = site.beginDeploy(['--version', 'v2'])
      await deploying.line(/"text":"watch[^"]*50 %[^"]*","state":"running"/, { within: 300_000 })
      const filler = join(site.home.data, 'filler')
      fill(filler)
      for (let asked = 0; asked < 20; asked += 1) assert.equal((await site.ask()).status, 200)
      assert.ok(statSync(filler).size > 0)
      rmSync(filler)
      assert.equal((await deploying.ended()).code, 0, deploying.stdout + deploying.stderr)
      assert.equal((await site.served()).code, 'two')
    },
  )

  test('a plane whose router cannot have its port says so, makes nothing, and comes up once the port is free', long, async (t) => {
    const home = makeHome(t)
    const somebody = createServer().listen(0, '127.0.0.1')
    await once(somebody, 'listening')
    const { port } = somebody.address() as AddressInfo
    const words = ['serve', '--data', home.data, '--key-file', join(home.folder, 'root.key'), '--port', '0', '--router-port', String(port)]
    const refused = await runHeadgate(t, home, words)
    somebody.close()
    await once(somebody, 'close')
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, new RegExp(`^ROUTER_PORT_TAKEN .* something else listens on 127\\.0\\.0\\.1:${port}$`, 'm'))
    assert.match(refused.stderr, /try: .*--router-port NUMBER/)
    const plane = await startPlane(t, home)
    assert.ok(plane.token.reveal().startsWith('hg_user_'), 'the first start that comes up shows the token')
  })

  test('a program that takes the port of a router that was killed is named, and the router comes back when it is gone', long, async (t) => {
    const site = await Site.open(t)
    site.write({ 'server.py': pythonServer, 'code.txt': 'one', 'headgate.yaml': applicationText({ web: { run } }) })
    assert.equal((await site.deploy()).code, 0)
    await site.stopPlane()
    const stopped = await site.try(['router', '--stop', '--data', site.home.data])
    assert.equal(stopped.code, 0, stopped.stderr)
    const port = Number(new URL(site.plane.router).port)
    const somebody = createServer()
    await eventually(async () => {
      somebody.listen(port, '127.0.0.1')
      return once(somebody, 'listening').then(() => true)
    })
    const refused = await site.try(['router', '--data', site.home.data])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, new RegExp(`^ROUTER_PORT_TAKEN .*:${port}$`, 'm'))
    somebody.close()
    await once(somebody, 'close')
    await site.startAgain()
    assert.equal((await site.served()).code, 'one')
    const kept = await site.try(['router', '--stop', '--data', site.home.data])
    assert.equal(kept.code, 5)
    assert.match(kept.stderr, /^ROUTER_KEPT .*process \d+/m)
    assert.equal((await site.ask()).status, 200)
  })
}
