import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../test/eventually.ts'
import { by, sharedPlane } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'
import { valueOf } from './kit/upload.ts'

const plane = sharedPlane()

test('a first release is started, found healthy, given the traffic and marked live', async () => {
  const shop = new Shop(plane(), 'first')
  shop.save({ GREETING: 'hello' })
  const release = await shop.release('one')
  const deployment = await shop.deploy(release)
  assert.equal(deployment.state, 'live', deployment.reason)
  const { status, body } = await shop.ask()
  assert.deepEqual([status, body.code, body.greeting], [200, 'one', 'hello'])
  const found = await shop.status()
  assert.equal(found.live?.id, release.id)
  assert.deepEqual(
    found.services.map(({ service, traffic, instances }) => [service, traffic, instances.map(({ state }) => state)]),
    [['web', [{ release: release.id, share: 100 }], ['healthy']]],
  )
})

test('a release takes the traffic share by share without a failed request, and what it replaced is gone', async () => {
  const shop = new Shop(plane(), 'gradual')
  shop.save({ GREETING: 'hello' })
  const gradual = { strategy: { steps: [25, 50, 100], stepDurationMs: 300 } }
  await shop.deploy(await shop.release('one', [{ replicas: 2 }], gradual))
  const before = (await shop.instances()).map(({ pid }) => pid)
  shop.save({ GREETING: 'good morning' })
  const load = shop.keepAsking()
  const deployment = await shop.deploy(await shop.release('two', [{ replicas: 2 }], gradual))
  await shop.ask('/')
  const { answers, errors } = await load.stop()
  assert.equal(deployment.state, 'live', deployment.reason)
  assert.deepEqual(errors, [])
  assert.deepEqual(Object.keys(answers).toSorted(), ['200 one hello', '200 two good morning'])
  const shifts = (await shop.events(deployment)).filter((event) => event.type === 'traffic')
  assert.deepEqual(
    shifts.map(({ traffic }) => Object.values(traffic['web'] ?? {}).toSorted((one, other) => one - other)),
    [[25, 75], [50, 50], [100]],
  )
  const after = await shop.instances()
  assert.equal(after.length, 2)
  assert.ok(after.every(({ pid, state }) => state === 'healthy' && !before.includes(pid)))
})

test('a request that takes long is answered by the instance that took it, though another is live by then', async () => {
  const shop = new Shop(plane(), 'draining')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const held = shop.ask('/hold')
  await shop.deploy(await shop.release('two'))
  assert.equal((await held).status, 200)
})

test('bringing the same release live again does nothing', async () => {
  const shop = new Shop(plane(), 'again')
  shop.save({ GREETING: 'hello' })
  const release = await shop.release('one')
  await shop.deploy(release)
  const before = await shop.instances()
  assert.equal((await shop.release('one')).id, release.id)
  const again = await shop.deploy(release)
  assert.equal(again.state, 'live')
  assert.deepEqual(
    (await shop.events(again)).map((event) => (event.type === 'plan' ? event.steps : event.type)),
    [[], 'deployment'],
  )
  assert.deepEqual(
    (await shop.instances()).map(({ pid }) => pid),
    before.map(({ pid }) => pid),
  )
  const states = (await plane().releases.deployments(shop.target)).map(({ state }) => state)
  assert.deepEqual(states, ['live', 'superseded'])
})

test('the id of a release is the hash of code, configuration and specification, whoever makes it', async () => {
  const shop = new Shop(plane(), 'identity')
  shop.save({ GREETING: 'hello' })
  const one = await shop.release('one')
  const ids = new Set([one.id])
  assert.equal((await shop.release('one', undefined, { version: 'v9' })).id, one.id)
  ids.add((await shop.release('two')).id)
  ids.add((await shop.release('one', [{ replicas: 2 }])).id)
  shop.save({ GREETING: 'good morning' })
  ids.add((await shop.release('one')).id)
  assert.equal(ids.size, 4)
})

test('a release that was frozen without a label takes the first it is given, and keeps it', async () => {
  const shop = new Shop(plane(), 'labelled')
  shop.save({ GREETING: 'hello' })
  const planned = await shop.release('one')
  assert.equal(planned.version, undefined)
  await shop.deploy(planned)
  assert.equal((await shop.status()).live?.version, undefined)
  const labelled = await shop.release('one', undefined, { version: 'v1' })
  assert.deepEqual(labelled, { ...planned, version: 'v1' })
  assert.equal((await shop.status()).live?.version, 'v1')
  assert.equal((await shop.release('one', undefined, { version: 'v2' })).version, 'v1')
  assert.equal(valueOf(await plane().releases.find(shop.target, 'v1')).id, planned.id)
})

test('a changed setting reaches a service that reloads while it runs', async () => {
  const shop = new Shop(plane(), 'reloading')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ reload: 'auto', replicas: 2 }]))
  const before = await shop.instances()
  shop.save({ GREETING: 'good morning' })
  const begun = valueOf(await plane().releases.reconfigure({ target: shop.target, by }))
  assert.ok(begun)
  const deployment = await plane().releases.settled(begun.id)
  assert.deepEqual([deployment.state, deployment.kind], ['live', 'configuration'], deployment.reason)
  const { body } = await shop.ask()
  assert.equal(body.greeting, 'good morning')
  const after = await shop.instances()
  assert.deepEqual(
    after.map(({ pid }) => pid),
    before.map(({ pid }) => pid),
  )
  assert.ok(after.every(({ release }) => release === deployment.release))
  assert.equal(valueOf(await plane().releases.reconfigure({ target: shop.target, by })), undefined, 'nothing changed since')
})

test('files of a configuration reach instances by their paths, and follow it while they run and when they are started again', async () => {
  const shop = new Shop(plane(), 'files')
  shop.save({ GREETING: 'hello', KEY_FILE: 'first fake key' })
  await shop.deploy(await shop.release('one', [{ reload: 'auto' }]))
  const first = await shop.ask('/file')
  assert.equal(first.body.code, 'first fake key')
  shop.save({ GREETING: 'hello', KEY_FILE: 'second fake key' })
  const made = valueOf(await plane().releases.reconfigure({ target: shop.target, by }))
  assert.ok(made)
  assert.equal((await plane().releases.settled(made.id)).state, 'live')
  const second = await shop.ask('/file')
  assert.deepEqual([second.body.code, second.body.pid], ['second fake key', first.body.pid])
  process.kill(-((await shop.instances())[0]?.pid ?? 0), 'SIGKILL')
  const again = await eventually(async () => {
    const answer = await shop.ask('/file')
    return answer.status === 200 && answer.body.pid !== first.body.pid && answer
  })
  assert.equal(again.body.code, 'second fake key')
  await shop.settled(await plane().releases.stop({ target: shop.target, by }))
})

test('a changed setting reaches a service that cannot reload by a switch', async () => {
  const shop = new Shop(plane(), 'switching')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const before = await shop.ask()
  shop.save({ GREETING: 'good morning' })
  const begun = valueOf(await plane().releases.reconfigure({ target: shop.target, by }))
  assert.ok(begun)
  assert.equal((await plane().releases.settled(begun.id)).state, 'live')
  const { body } = await shop.ask()
  assert.equal(body.greeting, 'good morning')
  assert.notEqual(body.pid, before.body.pid)
})

test('a service that does not confirm a delivered setting sends the release back, and is replaced on the way', async () => {
  const shop = new Shop(plane(), 'deaf')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ reload: 'auto' }]))
  const before = await shop.ask()
  shop.save({ GREETING: 'good morning' })
  plane().configuration.refusing.add('deliver')
  const begun = valueOf(await plane().releases.reconfigure({ target: shop.target, by }))
  assert.ok(begun)
  const deployment = await plane().releases.settled(begun.id)
  plane().configuration.refusing.delete('deliver')
  assert.equal(deployment.state, 'rolled-back')
  const { body } = await shop.ask()
  assert.equal(body.greeting, 'hello')
  assert.notEqual(body.pid, before.body.pid, 'what it holds is not known, so another one is started')
})

test('two services of one file go live as one', async () => {
  const shop = new Shop(plane(), 'pair')
  shop.save({ GREETING: 'hello' })
  const services = [{ name: 'web' }, { name: 'api' }]
  await shop.deploy(await shop.release({ web: 'web one', api: 'api one' }, services))
  assert.equal((await shop.ask('/', 'api.pair.test')).body.code, 'api one')
  const before = await shop.ask('/', 'api.pair.test')
  const deployment = await shop.deploy(await shop.release({ web: 'web two', api: 'api one' }, services))
  assert.equal(deployment.state, 'live', deployment.reason)
  assert.equal((await shop.ask()).body.code, 'web two')
  assert.equal((await shop.ask('/', 'api.pair.test')).body.pid, before.body.pid, 'what the release does not change runs on')
})

test('more and fewer copies need no new ones', async () => {
  const shop = new Shop(plane(), 'copies')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ replicas: 1 }]))
  const first = (await shop.instances()).map(({ pid }) => pid)
  await shop.deploy(await shop.release('one', [{ replicas: 3 }]))
  const three = (await shop.instances()).map(({ pid }) => pid)
  assert.equal(three.length, 3)
  assert.ok(three.includes(first[0]))
  assert.equal((await shop.deploy(await shop.release('one', [{ replicas: 1 }]))).state, 'live')
  const last = await shop.instances()
  assert.equal(last.length, 1)
  assert.ok(three.includes(last[0]?.pid))
})

test('stopping ends every instance and takes the route away', async () => {
  const shop = new Shop(plane(), 'stopped')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one', [{ replicas: 2 }]))
  const deployment = await shop.settled(await plane().releases.stop({ target: shop.target, by }))
  assert.equal(deployment.state, 'stopped')
  assert.deepEqual(await shop.instances(), [])
  assert.equal((await shop.status()).live, undefined)
  assert.equal((await shop.ask()).status, 404)
  assert.equal((await shop.rollback()).state, 'live', 'what was stopped can be brought back')
  assert.equal((await shop.ask()).body.code, 'one')
})

test('a plan shows what a deployment would do, and does nothing', async () => {
  const shop = new Shop(plane(), 'planned')
  shop.save({ GREETING: 'hello' })
  const release = await shop.release('one')
  const { steps } = valueOf(await plane().releases.plan({ target: shop.target, release: release.id }))
  assert.equal(steps[0]?.text, `check the configuration of ${release.id.slice(0, 12)}`)
  assert.equal(steps.at(-1)?.text, `mark ${release.id.slice(0, 12)} live`)
  assert.deepEqual(await shop.instances(), [])
})

test('two targets cannot have one domain', async () => {
  const shop = new Shop(plane(), 'owner')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const other = new Shop(plane(), 'intruder')
  other.save({ GREETING: 'hello' })
  const refused = await plane().releases.deploy({ release: (await other.release('one', undefined, { domain: 'owner.test' })).id, by })
  assert.equal(refused.ok ? '' : refused.problem.code, 'DOMAIN_TAKEN')
})

test('while a deployment is under way another is refused, and it can be asked to go back', async () => {
  const shop = new Shop(plane(), 'locked')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const slow = await shop.release('two', undefined, { strategy: { steps: [50, 100], stepDurationMs: 60_000 } })
  const begun = valueOf(await plane().releases.deploy({ release: slow.id, by }))
  const second = await plane().releases.deploy({ release: slow.id, by })
  assert.equal(second.ok ? '' : second.problem.code, 'RELEASE_LOCKED')
  await eventually(async () => (await shop.ask()).body.code === 'two')
  valueOf(await plane().releases.abort({ deployment: begun.id, by, reason: 'a change of mind' }))
  const deployment = await plane().releases.settled(begun.id)
  assert.equal(deployment.state, 'rolled-back')
  assert.equal(deployment.reason, 'it was asked to go back: by tester: a change of mind')
  assert.equal((await shop.ask()).body.code, 'one')
  assert.equal((await shop.instances()).length, 1)
})

test('what instances print can be read, and followed', async () => {
  const shop = new Shop(plane(), 'printing')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('one'))
  const stop = new AbortController()
  const lines: string[] = []
  for await (const { text } of plane().releases.logs({ target: shop.target, follow: true, signal: stop.signal })) {
    lines.push(text)
    if (text === 'listening as one') stop.abort()
  }
  assert.deepEqual(lines, ['listening as one'])
})
