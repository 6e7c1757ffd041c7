import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { sharedPlane } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'

const plane = sharedPlane()
const HEALTH = { path: '/healthz', intervalMs: 100, timeoutMs: 1000, healthyAfter: 1, deadlineMs: 5000 }

/** A shop whose release `one` is live. */
async function liveShop(name: string): Promise<Shop> {
  const shop = new Shop(plane(), name)
  shop.save({ GREETING: 'hello' })
  const deployment = await shop.deploy(await shop.release('one'))
  assert.equal(deployment.state, 'live', deployment.reason)
  return shop
}

/** Everything is as it was: the old code with the old configuration has all the traffic, and nothing else is there. */
async function assertUntouched(shop: Shop): Promise<void> {
  const { status, body } = await shop.ask()
  assert.deepEqual([status, body.code, body.greeting], [200, 'one', 'hello'])
  const { live, services } = await shop.status()
  assert.deepEqual(
    services.flatMap(({ instances }) => instances.map(({ release, state }) => [release, state])),
    [[live?.id, 'healthy']],
  )
}

test('a release that answers with errors goes back, code and configuration together', async () => {
  const shop = await liveShop('failing')
  shop.save({ GREETING: 'broken', MODE: 'failing' })
  const load = shop.keepAsking()
  const thresholds = { errorRate: 0.05, windowMs: 2000 }
  const deployment = await shop.deploy(
    await shop.release('two', undefined, { strategy: { steps: [50, 100], stepDurationMs: 5000 }, thresholds }),
  )
  const { answers, errors } = await load.stop()
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /^the release broke its limits: web: \d+ of \d+ requests failed \([\d.]+ %\), at most 5 % may$/)
  assert.deepEqual(errors, [])
  assert.deepEqual(Object.keys(answers).toSorted(), ['200 one hello', '500 two broken'])
  await assertUntouched(shop)
  const verdicts = (await shop.events(deployment)).filter((event) => event.type === 'verdict')
  assert.equal(verdicts.at(-1)?.verdict.outcome, 'fail')
})

test('a release that answers too slowly goes back', async () => {
  const shop = await liveShop('slow')
  shop.save({ GREETING: 'hello', MODE: 'slow' })
  const load = shop.keepAsking(8)
  const thresholds = { latencyP95Ms: 60, windowMs: 3000 }
  const deployment = await shop.deploy(
    await shop.release('two', undefined, { strategy: { steps: [50, 100], stepDurationMs: 6000 }, thresholds }),
  )
  await load.stop()
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /the 95th percentile of latency is \d+ ms, at most 60 ms is allowed/)
})

test('a release that nobody asked anything is not taken for good', async () => {
  const shop = await liveShop('quiet')
  const thresholds = { errorRate: 0.05, windowMs: 300 }
  const deployment = await shop.deploy(await shop.release('two', undefined, { thresholds }))
  assert.equal(deployment.state, 'rolled-back')
  assert.equal(deployment.reason, 'there was too little traffic to judge the release by: web: no request reached it')
  await assertUntouched(shop)
})

test('a release that keeps to its limits under traffic goes live', async () => {
  const shop = await liveShop('proven')
  const load = shop.keepAsking()
  const thresholds = { errorRate: 0.05, latencyP95Ms: 20_000, windowMs: 5000 }
  const deployment = await shop.deploy(
    await shop.release('two', undefined, { strategy: { steps: [50, 100], stepDurationMs: 300 }, thresholds }),
  )
  const { errors } = await load.stop()
  assert.equal(deployment.state, 'live', deployment.reason)
  assert.deepEqual(errors, [])
})

test('a release that never gets healthy goes back, and the reason says what it answered', async () => {
  const shop = await liveShop('never')
  shop.save({ GREETING: 'hello', MODE: 'never-healthy' })
  const deployment = await shop.deploy(await shop.release('two', [{ health: HEALTH }]))
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /^instance web-\w+ of web was not healthy within 5 s: \/healthz answers 503/)
  await assertUntouched(shop)
})

test('a release that ends at its start goes back at once, and quotes what it printed without its secrets', async () => {
  const shop = await liveShop('crash')
  shop.save({ GREETING: 'hello', MODE: 'crash', SECRET: 'a-fake-value-for-this-test' })
  const deployment = await shop.deploy(await shop.release('two'))
  assert.equal(deployment.state, 'rolled-back')
  assert.match(
    deployment.reason ?? '',
    /did not stay up: its process ended with code 3 before it was healthy; it printed last:\n {2}cannot start: \[secret\]$/,
  )
  await assertUntouched(shop)
})

test('a service that listens on a port that is taken goes back, and the reason shows it', async () => {
  const shop = await liveShop('taken')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  shop.save({ GREETING: 'hello', MODE: 'fixed-port', FIXED_PORT: String(port) })
  const deployment = await shop.deploy(await shop.release('two'))
  server.close()
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /before it was healthy; it printed last:\n[\s\S]*(EADDRINUSE|address already in use)/)
  await assertUntouched(shop)
})

test('a service that listens on another port than the one in PORT is told so', async () => {
  const shop = await liveShop('elsewhere')
  shop.save({ GREETING: 'hello', MODE: 'fixed-port', FIXED_PORT: '0' })
  const deployment = await shop.deploy(await shop.release('two', [{ health: HEALTH }]))
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /nothing listens on port \d+; its process listens on port \d+, and should on the one in PORT/)
})

test('a configuration that does not check, or does not open, stops a release before anything is started', async () => {
  const shop = await liveShop('unchecked')
  for (const way of ['check', 'verify'] as const) {
    plane().configuration.refusing.add(way)
    const deployment = await shop.deploy(await shop.release(`two ${way}`))
    plane().configuration.refusing.delete(way)
    assert.equal(deployment.state, 'rolled-back')
    assert.equal(deployment.reason, 'shop cannot be opened: one error')
    const started = (await shop.events(deployment)).some((event) => event.type === 'step' && event.text.startsWith('start'))
    assert.equal(started, false)
    await assertUntouched(shop)
  }
})

test('of two services neither goes live when one fails', async () => {
  const shop = new Shop(plane(), 'unit')
  shop.save({ GREETING: 'hello' })
  const services = [{ name: 'web' }, { name: 'api' }]
  await shop.deploy(await shop.release('one', services))
  const broken = [{ name: 'web' }, { name: 'api', run: 'exit 7' }]
  const deployment = await shop.deploy(await shop.release('two', broken))
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /of api did not stay up: its process ended with code 7/)
  assert.deepEqual([(await shop.ask()).body.code, (await shop.ask('/', 'api.unit.test')).body.code], ['one', 'one'])
})

test('an instance that ends under traffic sends its release back', async () => {
  const shop = await liveShop('dying')
  const release = await shop.release('two', undefined, { strategy: { steps: [50, 100], stepDurationMs: 60_000 } })
  const begun = shop.deploy(release)
  for (let code; code !== 'two';) code = (await shop.ask()).body.code
  const pid = (await shop.instances()).find((instance) => instance.release === release.id)?.pid
  assert.ok(pid)
  process.kill(-pid, 'SIGKILL')
  const deployment = await begun
  assert.equal(deployment.state, 'rolled-back')
  assert.match(deployment.reason ?? '', /^instance web-\w+ of web fell ill under traffic: its process was ended by SIGKILL/)
  await assertUntouched(shop)
})

test('a first release that fails leaves nothing behind', async () => {
  const shop = new Shop(plane(), 'firstfails')
  shop.save({ GREETING: 'hello', MODE: 'crash' })
  const deployment = await shop.deploy(await shop.release('one'))
  assert.equal(deployment.state, 'rolled-back')
  assert.deepEqual(await shop.instances(), [])
  assert.equal((await shop.status()).live, undefined)
})

test('going back runs the old files with the old settings, whatever was edited since, and twice goes back by two', async () => {
  const shop = await liveShop('history')
  for (const code of ['two', 'three']) {
    shop.save({ GREETING: `${code} settings` })
    assert.equal((await shop.deploy(await shop.release(code))).state, 'live')
  }
  // The same once more is no other release to go back from.
  assert.equal((await shop.deploy(await shop.release('three'))).state, 'live')
  shop.save({ GREETING: 'edited' })
  assert.equal((await shop.rollback()).state, 'live')
  const back = await shop.ask()
  assert.deepEqual([back.body.code, back.body.greeting], ['two', 'two settings'])
  assert.equal((await shop.rollback()).kind, 'rollback')
  await assertUntouched(shop)
  assert.equal((await shop.rollback('#3')).state, 'live')
  assert.equal((await shop.ask()).body.code, 'three')
})

test('going back to a release that cannot be started any more leaves what is live alone', async () => {
  const shop = new Shop(plane(), 'nowayback')
  shop.save({ GREETING: 'hello' })
  const first = await shop.release('one')
  await shop.deploy(first)
  await shop.deploy(await shop.release('two'))
  plane().configuration.refusing.add('admit')
  const deployment = await shop.rollback()
  plane().configuration.refusing.delete('admit')
  assert.equal(deployment.state, 'rolled-back')
  assert.equal((await shop.ask()).body.code, 'two')
})
