import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { Reload } from '../src/changes.ts'
import { TcpLine } from './tcp-line.ts'
import { ManualClock, createWorld, until } from './test-surroundings.ts'

const PROVE = process.env['HEADGATE_PROVE'] === '1'

test('a new revision is read everywhere before anybody is told, and each is told what changed', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { shop: { greeting: 'hello', currency: 'EUR' } } })
  const config = await connect()
  const heard: unknown[] = []
  config.onChange(({ revision, previousRevision, source, paths }) => heard.push({ revision, previousRevision, source, paths }))
  config.onChange('shop.greeting', ({ before, after, revision }) => heard.push([before, after, revision, config.get('shop.greeting')]))
  config.onChange('shop.currency', () => heard.push('never'))
  config.onChange('shop', ({ path }) => heard.push(path))
  await until(() => plane.watching === 1, 'the change is watched')
  plane.save('shop/dev', { values: { shop: { greeting: 'good day', currency: 'EUR' } } })
  await until(() => heard.length === 3, 'the change is heard')
  assert.deepEqual(heard, [
    { revision: 2, previousRevision: 1, source: 'plane', paths: ['shop.greeting'] },
    ['hello', 'good day', 2, 'good day'],
    'shop',
  ])
  assert.equal(config.revision, 2)
})

test('a value that comes or goes is a change from or to nothing', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  const heard: unknown[] = []
  for (const path of ['a', 'b']) config.onChange(path, ({ before, after }) => heard.push([path, before, after]))
  await until(() => plane.watching === 1, 'the change is watched')
  plane.save('shop/dev', { values: { b: null } })
  await until(() => heard.length === 2, 'both are heard')
  assert.deepEqual(heard, [
    ['a', 1, undefined],
    ['b', undefined, null],
  ])
})

test('what is told of a change prints what changed, and no secret', async (t) => {
  const { plane, connect } = await createWorld(t)
  const secrets = ['db.key', 'list[1]', 'whole']
  plane.save('shop/dev', { values: { db: { key: 'fake-1', port: 1 }, list: ['a', 'fake-2'], whole: { x: 'fake-3' } }, secrets })
  const config = await connect()
  const told: object[] = []
  for (const path of ['db', 'db.port', 'db.key', 'list', 'whole.x']) config.onChange(path, (change) => told.push(change))
  config.onChange((reload) => told.push(reload))
  await until(() => plane.watching === 1, 'the change is watched')
  plane.save('shop/dev', { values: { db: { key: 'fake-4', port: 2 }, list: ['b', 'fake-5'], whole: { x: 'fake-6' } }, secrets })
  await until(() => told.length === 6, 'the change is heard')
  const numbers = { revision: 2, previousRevision: 1 }
  const masked = { before: '[secret]', after: '[secret]' }
  const printed = [
    { path: 'db', before: { key: '[secret]', port: 1 }, after: { key: '[secret]', port: 2 }, ...numbers },
    { path: 'db.port', before: 1, after: 2, ...numbers },
    { path: 'db.key', ...masked, ...numbers },
    { path: 'list', before: ['a', '[secret]'], after: ['b', '[secret]'], ...numbers },
    { path: 'whole.x', ...masked, ...numbers },
    { ...numbers, source: 'plane', paths: ['db.key', 'db.port', 'list[0]', 'list[1]', 'whole.x'] },
  ]
  assert.equal(inspect(told, { depth: 9 }), inspect(printed, { depth: 9 }))
  assert.deepEqual(JSON.parse(JSON.stringify(told)), printed)
  assert.deepEqual(told[2], { path: 'db.key', before: 'fake-1', after: 'fake-4', ...numbers }, 'it is the plain object it was')
})

test('a listener that throws is reported without its words, and the others are called', async (t) => {
  const { plane, connect, notices } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  const heard: string[] = []
  config.onChange(() => {
    throw new RangeError('cannot use fake-listener-secret')
  })
  config.onChange('a', async () => {
    throw new TypeError('cannot use fake-listener-secret')
  })
  const stop = config.onChange(() => heard.push('stopped'))
  config.onChange(() => heard.push('last'))
  stop()
  await until(() => plane.watching === 1, 'the change is watched')
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => notices.length === 2, 'both failures are reported')
  assert.deepEqual(heard, ['last'])
  assert.deepEqual(
    notices.map(({ code }) => code),
    ['listener-failed', 'listener-failed'],
  )
  assert.match(notices[0]!.message, /threw \(RangeError\)/)
  assert.equal(
    notices.some(({ message }) => message.includes('fake-listener-secret')),
    false,
  )
})

test('a change of an imported environment arrives although the revision stays', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shared/redis', { values: { redis: 'one' } })
  plane.save('shop/dev', { values: { a: 1 }, imports: ['shared/redis'] })
  const config = await connect()
  const heard: unknown[] = []
  config.onChange('redis', ({ after, revision, previousRevision }) => heard.push([after, revision, previousRevision]))
  await until(() => plane.watching === 1, 'the change is watched')
  plane.save('shared/redis', { values: { redis: 'two' } })
  await until(() => heard.length === 1, 'the change is heard')
  assert.deepEqual(heard, [['two', 1, 1]])
})

test('a change between the first answer and the first watch is not lost', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  assert.equal(plane.watching, 0)
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => config.revision === 2, 'the second revision is there')
})

test('what changed without a new revision while the line was cut is seen after it', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  const heard: unknown[] = []
  config.onChange('a', ({ after, revision }) => heard.push([after, revision]))
  await until(() => config.stats().watching, 'it is watched')
  plane.replace('shop/dev', { values: { a: 2 } })
  plane.dropSockets()
  await until(() => heard.length === 1, 'the change is heard')
  assert.deepEqual(heard, [[2, 1]])
})

test('a tag is followed forth and back', async (t) => {
  const { plane, connect } = await createWorld(t)
  for (const a of [1, 2, 3]) plane.save('shop/dev', { values: { a } })
  plane.tag('shop/dev', 'stable', 2)
  const config = await connect({ environment: 'shop/dev@stable' })
  const heard: unknown[] = []
  config.onChange('a', ({ after }) => heard.push(after))
  assert.equal(config.get('a'), 2)
  await until(() => plane.watching === 1, 'the change is watched')
  plane.tag('shop/dev', 'stable', 3)
  await until(() => heard.length === 1, 'the tag moved on')
  plane.tag('shop/dev', 'stable', 1)
  await until(() => heard.length === 2, 'the tag moved back')
  assert.deepEqual(heard, [3, 1])
})

test('a numbered revision is read once and not followed', async (t) => {
  const clock = new ManualClock()
  const { plane, connect } = await createWorld(t, clock)
  plane.save('shop/dev', { values: { a: 1 } })
  plane.save('shop/dev', { values: { a: 2 } })
  const config = await connect({ environment: 'shop/dev@1' })
  assert.equal(config.get('a'), 1)
  assert.deepEqual([plane.connections, clock.timers.length, plane.opens], [0, 0, 1])
})

test('an instance of a release follows its configuration forth and back, and confirms what it loaded', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 }, configuration: 'digest-1' })
  plane.save('shop/dev', { values: { a: 2 }, configuration: 'digest-2' })
  const config = await connect()
  await until(() => plane.loaded.length === 1, 'the first is confirmed')
  plane.forget('shop/dev', 1)
  assert.equal(await config.refresh(), 'changed')
  await until(() => plane.loaded.length >= 2, 'the second is confirmed')
  assert.deepEqual([...new Set(plane.loaded)], ['digest-2', 'digest-1'])
  assert.equal(config.get('a'), 1)
})

test('an older answer of the plane is not taken, and is reported', async (t) => {
  const { plane, connect, codes, notices } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  plane.save('shop/dev', { values: { a: 2 } })
  const config = await connect()
  plane.forget('shop/dev', 1)
  assert.equal(await config.refresh(), 'failed')
  assert.equal(config.get('a'), 2)
  assert.ok(codes().includes('revision-behind'))
  assert.match(notices.find(({ code }) => code === 'revision-behind')!.message, /revision 1.*older.*revision 2 stays in use/)
})

test('many refreshes at once are one request, or two where one was under way', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect({ watch: false })
  const before = plane.opens
  await Promise.all(Array.from({ length: 50 }, () => config.refresh()))
  assert.ok(plane.opens - before <= 2, `${plane.opens - before} requests`)
})

test('a change that is saved while the plane is being asked is not lost', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  await until(() => plane.watching === 1, 'the change is watched')
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  plane.beforeOpen = () => held
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => plane.opens === 2, 'revision 2 is asked for')
  plane.save('shop/dev', { values: { a: 3 } })
  plane.beforeOpen = () => {}
  release()
  await until(() => config.revision === 3, 'revision 3 is there')
  assert.equal(config.get('a'), 3)
})

test('after the time to live the plane is asked again, although it said nothing', async (t) => {
  const clock = new ManualClock()
  const { plane, connect } = await createWorld(t, clock)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect({ watch: false })
  plane.save('shop/dev', { values: { a: 2 } })
  clock.advance(299_999)
  await new Promise(setImmediate)
  assert.equal(plane.opens, 1)
  clock.advance(1)
  await until(() => config.revision === 2, 'the second revision is there')
  assert.equal(config.stats().ageMs, 0)
  clock.advance(300_000)
  await until(() => plane.opens === 3, 'the plane is asked a third time')
})

test('a plane that fails is asked again ever more slowly, reported once, and its next answer is taken', async (t) => {
  const clock = new ManualClock()
  const { plane, connect, codes } = await createWorld(t, clock)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect({ watch: false })
  plane.bendOpen = { refuse: 'STORE_UNAVAILABLE' }
  await config.refresh()
  const waits: number[] = []
  for (let tries = 0; tries < 12; tries += 1) {
    const wait = clock.timers[0]!
    waits.push(wait)
    clock.advance(wait)
    await config.refresh()
  }
  assert.ok(waits[0]! <= 250 && waits[11]! >= 30_000 && waits.every((wait) => wait <= 60_000), waits.join(' '))
  assert.deepEqual(codes(), ['refresh-failed'])
  plane.bendOpen = undefined
  plane.save('shop/dev', { values: { a: 2 } })
  clock.advance(60_000)
  await until(() => config.revision === 2, 'the second revision is there')
})

test('reads are counted, and a reload empties what was looked up', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { a: 1, b: 2, c: 3 } })
  const config = await connect({ watch: false, cacheSize: 2 })
  for (const path of ['a', 'a', 'a', 'b']) config.get(path)
  assert.deepEqual([config.stats().hits, config.stats().misses, config.stats().hitRatio], [2, 2, 0.5])
  config.get('c')
  assert.equal(config.stats().entries, 2)
  plane.save('shop/dev', { values: { a: 9 } })
  await config.refresh()
  assert.equal(config.stats().entries, 0)
  assert.equal(config.get('a'), 9)
})

test('after close nothing is left: no socket, no timer, no call of a listener', async (t) => {
  const clock = new ManualClock()
  const { plane, connect } = await createWorld(t, clock)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  config.onChange(() => assert.fail('called after close'))
  await until(() => plane.watching === 1, 'the change is watched')
  await config.close()
  await until(() => plane.connections === 0, 'the socket is gone')
  assert.deepEqual(clock.timers, [])
  plane.save('shop/dev', { values: { a: 2 } })
  assert.equal(await config.refresh(), 'failed')
  assert.equal(config.get('a'), 1)
  await config.close()
})

test('closing while the first connection is being opened leaves none open', async (t) => {
  const clock = new ManualClock()
  const { plane, connect } = await createWorld(t, clock)
  plane.save('shop/dev', { values: { a: 1 } })
  for (let round = 0; round < 5; round += 1) {
    const config = await connect()
    await config.close()
  }
  await until(() => plane.connections === 0, 'no socket is left')
  assert.deepEqual(clock.timers, [])
})

test('a connection that goes silent is given up and opened anew', async (t) => {
  const clock = new ManualClock()
  const world = await createWorld(t, clock)
  world.plane.save('shop/dev', { values: { a: 1 } })
  const config = await world.connect()
  await until(() => config.stats().watching, 'it is watched')
  // Both probes fall due before an answer can come in, as when the other end is gone without a word.
  clock.advance(30_000)
  clock.advance(30_000)
  await until(() => !config.stats().watching, 'the connection is given up')
  clock.advance(60_000)
  await until(() => config.stats().watching, 'it is watched again')
  assert.equal(config.stats().reconnects, 1)
})

const ROUNDS = PROVE ? 10_000 : 200

for (const sendsValues of [false, true]) {
  const kind = sendsValues ? 'that sends values' : 'that only tells of changes'
  test(`${ROUNDS} forced reconnects to a plane ${kind} lose no change and reorder none`, async (t) => {
    const world = await createWorld(t)
    const { plane } = world
    plane.sendsValues = sendsValues
    const line = await TcpLine.to(() => plane.port)
    t.after(() => line.close())
    plane.save('shop/dev', { values: { counter: 1 } })
    const config = await world.connect({ url: line.url })
    const reloads: Reload[] = []
    const counters: [unknown, unknown][] = []
    config.onChange((reload) => {
      assert.equal(config.get('counter'), reload.revision, 'values and revision are of one piece')
      reloads.push(reload)
    })
    config.onChange('counter', ({ before, after }) => counters.push([before, after]))
    let head = 1
    await until(() => config.stats().watching, 'it is watched')
    for (let round = 0; round < ROUNDS; round += 1) {
      // Saved before, while, or after the line is cut, so that each moment of a reconnect is met.
      if (round % 3 === 0) plane.save('shop/dev', { values: { counter: ++head } })
      line.cut()
      if (round % 3 === 1) plane.save('shop/dev', { values: { counter: ++head } })
      await until(() => config.stats().reconnects > round, `reconnect ${round + 1}`)
      if (round % 3 === 2) plane.save('shop/dev', { values: { counter: ++head } })
    }
    await until(() => config.revision === head, `revision ${head} is there`)
    assert.ok(config.stats().reconnects >= ROUNDS)
    // Every step begins where the one before ended, and rises: nothing between two steps was skipped or seen twice.
    let last = 1
    for (const [index, { revision, previousRevision }] of reloads.entries()) {
      assert.ok(previousRevision === last && revision > last, `step ${index} went from ${previousRevision} to ${revision} after ${last}`)
      assert.deepEqual(counters[index], [previousRevision, revision])
      last = revision
    }
    assert.equal(last, head)
  })
}

test('a token that is revoked loses its socket at once, and is not sent in an endless loop', async (t) => {
  const clock = new ManualClock()
  const { plane, connect, token, codes } = await createWorld(t, clock)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  await until(() => plane.watching === 1, 'the change is watched')
  plane.revoke(token)
  await until(() => codes().includes('access-refused'), 'the refusal is reported')
  await until(() => plane.connections === 0, 'the socket is gone')
  assert.equal(config.get('a'), 1)
  assert.ok(
    clock.timers.every((wait) => wait >= 60_000),
    `next tries after ${clock.timers.join(', ')} ms`,
  )
})

test('an environment that is removed is reported, and its values stay for the running program', async (t) => {
  const { plane, connect, codes } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  await until(() => plane.watching === 1, 'the change is watched')
  plane.remove('shop/dev')
  await until(() => codes().includes('access-refused'), 'the refusal is reported')
  assert.equal(config.get('a'), 1)
})
