import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import { Fallback } from '../src/fallback.ts'
import type { Snapshot } from '../src/snapshot.ts'
import { ManualClock, type World, createWorld, until } from './test-surroundings.ts'

/** A plane that sends values, and a program that follows it. */
async function following(t: Parameters<typeof createWorld>[0], clock = new ManualClock(), options: Parameters<World['connect']>[0] = {}) {
  const world = await createWorld(t, clock)
  world.plane.sendsValues = true
  world.plane.save('shop/dev', { values: { a: 1 } })
  const config = await world.connect(options)
  const heard: unknown[] = []
  config.onChange('a', ({ before, after, revision }) => heard.push([before, after, revision]))
  await until(() => world.plane.watching === 1, 'the change is watched')
  return { ...world, config, heard }
}

test('a change that comes with its values is used without asking for them', async (t) => {
  const { plane, config, heard } = await following(t)
  plane.save('shop/dev', { values: { a: 2 } })
  plane.save('shop/dev', { values: { a: 3, b: { c: [1] } } })
  await until(() => config.revision === 3, 'the third revision is there')
  // Both may have come at once, and are one step then.
  assert.deepEqual(
    heard,
    heard.length === 1
      ? [[1, 3, 3]]
      : [
          [1, 2, 2],
          [2, 3, 3],
        ],
  )
  assert.deepEqual([plane.opens, plane.values, config.source, config.stats().ageMs], [1, 2, 'plane', 0])
  assert.throws(() => (config.get<{ c: number[] }>('b').c[0] = 2), TypeError, 'they are frozen as others are')
})

test('a plane that knows nothing of values is asked as before, and is sent no frame it does not know', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  await until(() => plane.watching === 1, 'the change is watched')
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => config.revision === 2, 'the second revision is there')
  await config.refresh()
  assert.deepEqual([plane.opens, plane.values, config.stats().watching], [3, 0, true])
})

test('a change that comes alone is asked for, and so is one whose values cannot be read', async (t) => {
  const { plane, config } = await following(t)
  plane.bendValues = 'notice'
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => config.revision === 2, 'the second revision is there')
  plane.bendValues = { opened: { revision: 'three' } as never }
  plane.save('shop/dev', { values: { a: 3 } })
  await until(() => config.revision === 3, 'the third revision is there')
  assert.equal(plane.opens, 3)
})

test('values begun before the last answer are not taken, for the answer may be newer', async (t) => {
  const { plane, config, heard } = await following(t)
  await config.refresh()
  // At the same revision only the count of answers tells which is newer.
  plane.bendValues = { asked: 0, opened: { ...answerOf(1), values: { a: 'older' } } }
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => config.revision === 2, 'the second revision is there')
  assert.deepEqual(heard, [[1, 2, 2]])
  plane.bendValues = undefined
  await until(() => plane.asked === 2, 'the plane has heard of both answers')
  plane.save('shop/dev', { values: { a: 3 } })
  await until(() => config.revision === 3, 'the third revision is there')
  assert.deepEqual([plane.opens, heard.length], [3, 2], 'values count again once the plane has heard of the answer')
})

test('values that come while the plane is asked make it be asked again', async (t) => {
  const { plane, config, heard } = await following(t)
  const held = Promise.withResolvers<void>()
  plane.beforeOpen = () => held.promise
  const refreshing = config.refresh()
  await until(() => plane.opens === 2, 'the plane is being asked')
  plane.save('shop/dev', { values: { a: 2 } })
  plane.replace('shop/dev', { values: { a: 'two' } })
  plane.beforeOpen = () => {}
  await until(() => plane.values === 1, 'values were sent')
  held.resolve()
  await refreshing
  await until(() => config.get('a') === 'two', 'the newest is there')
  assert.deepEqual(
    heard.filter((each) => JSON.stringify(each) === '[1,2,2]'),
    [],
    'what came meanwhile was not taken',
  )
})

test('values of an older revision are not taken, and the plane is asked', async (t) => {
  const { plane, config, codes } = await following(t)
  plane.save('shop/dev', { values: { a: 2 } })
  await until(() => config.revision === 2, 'the second revision is there')
  plane.bendValues = { opened: answerOf(1) }
  plane.save('shop/dev', { values: { a: 3 } })
  await until(() => config.revision === 3, 'the third revision is there')
  plane.bendValues = undefined
  plane.forget('shop/dev', 1)
  plane.tag('shop/dev', 'any', 1)
  await until(() => codes().includes('revision-behind'), 'it is reported')
  assert.equal(config.revision, 3)
})

test('values that do not fit the schema are reported, and the next that do are taken', async (t) => {
  const schema = {
    parse: (values: unknown) => {
      if (typeof (values as { a: unknown }).a !== 'number') throw new TypeError('no')
      return values
    },
  }
  const { plane, config, codes } = await following(t, new ManualClock(), { schema: schema as never })
  plane.save('shop/dev', { values: { a: 'text' } })
  await until(() => codes().includes('schema-refused'), 'it is reported')
  assert.equal(config.revision, 1)
  plane.save('shop/dev', { values: { a: 3 } })
  await until(() => config.revision === 3, 'the third revision is there')
  assert.equal(plane.opens, 1)
})

test('a tag is followed forth and back by values, and a release by its configuration, which is confirmed', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.sendsValues = true
  for (const a of [1, 2]) plane.save('shop/dev', { values: { a }, configuration: `digest-${a}` })
  plane.tag('shop/dev', 'stable', 2)
  const config = await connect({ environment: 'shop/dev@stable' })
  const heard: unknown[] = []
  config.onChange('a', ({ after }) => heard.push(after))
  await until(() => config.stats().watching && plane.loaded.length > 0, 'the first is confirmed')
  await until(() => plane.asked === plane.opens - 1, 'the plane has heard of all answers since the first')
  const before = plane.opens
  plane.tag('shop/dev', 'stable', 1)
  await until(() => heard.length === 1, 'it went back')
  plane.tag('shop/dev', 'stable', 2)
  await until(() => heard.length === 2, 'and forth')
  assert.deepEqual([heard, plane.opens - before], [[1, 2], 0])
  await until(() => plane.loaded.at(-1) === 'digest-2', 'it is confirmed')
  assert.ok(plane.loaded.includes('digest-1'))
})

test('of two programs that share a copy, values that were sent never put an older one over a newer', async (t) => {
  const { home, token, surroundings } = await createWorld(t, new ManualClock())
  const { clock } = surroundings
  const copies = () =>
    new Fallback({
      settings: { mode: 'on', folder: `${home}/copies`, memory: `${home}/memory`, maxAgeMs: 60_000 },
      reference: { project: 'shop', environment: 'dev', organisation: 'main' },
      plane: { url: 'http://plane', token: new Secret(token) },
      clock,
    })
  const [one, other] = [copies(), copies()]
  const kept = async () => {
    const read = await one.read()
    return 'snapshot' in read ? [read.snapshot.revision, read.snapshot.values['a']] : read
  }
  await one.write(snapshot(1, 'asked for'))
  await one.write(snapshot(1, 'sent', true))
  assert.deepEqual(await kept(), [1, 'sent'], 'behind its own copy everything sent is newer')
  await other.write(snapshot(2, 'sent to the other', true))
  assert.deepEqual(await kept(), [2, 'sent to the other'], 'a newer revision is newer, whoever wrote the copy')
  await one.write(snapshot(2, 'sent late', true))
  await one.write(snapshot(1, 'sent later still', true))
  assert.deepEqual(await kept(), [2, 'sent to the other'])
  await one.write(snapshot(2, 'asked for'))
  assert.deepEqual(await kept(), [2, 'asked for'], 'an answer counts by when it was asked for')

  function snapshot(revision: number, a: string, pushed = false): Snapshot {
    const readAt = clock.now()
    const named = { source: 'plane' as const, environment: 'shop/dev', organisation: 'main' }
    return { ...named, revision, closure: [], values: { a }, secrets: [], variables: new Map(), readAt, ...(pushed ? { pushed } : {}) }
  }
})

function answerOf(revision: number) {
  const pinned = { organisation: 'main', project: 'shop', environment: 'dev', revision }
  return { environment: 'shop/dev', revision, closure: [pinned], values: { a: 1 }, secrets: [], variables: [], files: [], diagnostics: [] }
}
