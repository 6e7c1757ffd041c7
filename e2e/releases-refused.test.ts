import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { leaveOut } from '../test/left-out.ts'
import { pythonCommand } from './python-command.ts'
import { Site, type ServiceText, applicationText, pythonServer, long } from './release-kit.ts'

const python = pythonCommand()

/** Answers its health check with 503 for good, and may do so for a while. */
const sick = {
  program: pythonServer.replace('send_response(200)', "send_response(503 if self.path == '/healthz' else 200)"),
  health: '{ path: /healthz, interval: 100ms, timeout: 5s, healthy_after: 1, deadline: 8s }',
}

/** A site with v1 live. */
async function openLive(t: TestContext, services: Readonly<Record<string, ServiceText>>): Promise<Site> {
  const site = await Site.open(t)
  site.write({ 'server.py': pythonServer, 'code.txt': 'one', 'headgate.yaml': applicationText(services) })
  await site.set('SET_ONE', 'first')
  const first = await site.deploy(['--version', 'v1'])
  assert.equal(first.code, 0, JSON.stringify(first.end) + first.stderr)
  return site
}

async function assertStillV1(site: Site): Promise<void> {
  const { live, deployment } = await site.quiet()
  assert.equal(live?.version, 'v1', JSON.stringify(deployment))
  const { code, settings, release } = await site.served()
  assert.deepEqual({ code, settings, release }, { code: 'one', settings: { SET_ONE: 'first' }, release: live?.id })
  assert.equal(site.processes().length, (await site.instances()).length, 'nothing of the new release is left')
}

if (python === undefined) leaveOut('releases of a Python service that are refused', 'no python3')
else {
  const run = `${python} server.py`

  test('whatever is wrong with a release, the error says what and the old release serves on', long, async (t) => {
    const site = await openLive(t, { web: { run } })
    site.write({ 'code.txt': 'two' })
    await site.set('SET_ONE', 'second')
    const good = applicationText({ web: { run } })

    site.write({ 'headgate.yaml': good.replace(`run: ${run}`, 'run: no-such-command-anywhere --port $PORT') })
    const absent = await site.deploy(['--version', 'absent'])
    assert.equal(absent.code, 1)
    assert.equal(absent.end?.state, 'rolled-back', absent.stderr)
    assert.match(absent.end?.reason ?? '', /no-such-command-anywhere.*not found/s)
    await assertStillV1(site)

    site.write({ 'headgate.yaml': good.replace(`run: ${run}`, `run: ${python} -c "raise SystemExit('my port is taken')"`) })
    const ended = await site.try(['deploy', '--environment', 'production', '--version', 'ended'])
    assert.equal(ended.code, 1)
    // What the program printed stands once, line by line, at the step it failed.
    assert.match(ended.stdout, /^ {2}✗ wait until .* did not stay up.*; it printed last:\n {6}my port is taken\n/m)
    assert.match(ended.stdout, /^● rolled back: .* did not stay up.*[^:]\n/m)
    assert.equal(ended.stdout.split('my port is taken').length, 2, ended.stdout)
    await assertStillV1(site)

    site.write({ 'headgate.yaml': good.replace(`run: ${run}`, `run: ${run}\n    build: echo the compiler says no >&2; exit 3`) })
    const unbuilt = await site.try(['deploy', '--environment', 'production'])
    assert.equal(unbuilt.code, 1)
    assert.match(unbuilt.stderr, /the compiler says no[^]*BUILD_FAILED[^]*exit code 3/)
    await assertStillV1(site)

    site.write({ 'headgate.yaml': good.replace('replicas: 1', 'replicas: lots') })
    const mistaken = await site.try(['deploy', '--environment', 'production'])
    assert.equal(mistaken.code, 1)
    assert.match(mistaken.stderr, /--> headgate\.yaml:6:15\n[^]*6 \| {5}replicas: lots\n *\| {15}\^/)
    await assertStillV1(site)

    site.write({ 'headgate.yaml': good })
    symlinkSync('../../outside', join(site.folder, 'leads-out'))
    const leading = await site.try(['deploy', '--environment', 'production'])
    assert.equal(leading.code, 1)
    assert.match(leading.stderr, /ARTIFACT_REFUSED[^]*leads-out/)
    await assertStillV1(site)
    rmSync(join(site.folder, 'leads-out'))

    const repaired = await site.deploy(['--version', 'v2'])
    assert.equal(repaired.code, 0, JSON.stringify(repaired.end))
    assert.deepEqual((await site.served()).settings, { SET_ONE: 'second' })
  })

  test('two services go live together, and back together when one of them never gets healthy', long, async (t) => {
    const site = await openLive(t, { web: { run }, api: { run } })
    assert.equal((await site.ask('/', 'notes.localhost')).status, 200)
    assert.equal((await site.ask('/', 'api.notes.localhost')).status, 200)
    assert.equal((await site.ask('/', 'other.localhost')).status, 404)
    site.write({
      'code.txt': 'two',
      'sick.py': sick.program,
      'headgate.yaml': applicationText({ web: { run }, api: { run: `${python} sick.py`, health: sick.health } }),
    })
    await site.set('SET_ONE', 'second')
    const deployed = await site.deploy(['--version', 'v2'])
    assert.equal(deployed.code, 1)
    assert.equal(deployed.end?.state, 'rolled-back')
    assert.match(deployed.end?.reason ?? '', /instance \S+ of api was not healthy within 8 s: \/healthz answers 503/)
    await assertStillV1(site)
    const api = await site.ask('/', 'api.notes.localhost')
    assert.equal(JSON.parse(api.body).code, 'one')
    assert.equal(site.processes().length, 2)
  })
}
