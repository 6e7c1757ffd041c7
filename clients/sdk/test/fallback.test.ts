import assert from 'node:assert/strict'
import { copyFile, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import { ConfigurationError } from '../src/errors.ts'
import { Fallback } from '../src/fallback.ts'
import type { FallbackMode } from '../src/fallback-settings.ts'
import type { Snapshot } from '../src/snapshot.ts'
import { ManualClock, type World, createWorld, freshToken, until } from './test-surroundings.ts'

const DAY = 24 * 3_600_000

interface Stored extends World {
  readonly clock: ManualClock
  readonly folder: string
  readonly memory: string
  /** The one file in a folder. */
  only(folder: string): Promise<string>
}

/** A world whose plane has answered once, so that there is a copy; nothing is connected any more. */
async function stored(t: TestContext, values: Snapshot['values'] = { a: 1 }): Promise<Stored> {
  const clock = new ManualClock()
  const world = await createWorld(t, clock)
  world.plane.save('shop/dev', { values, secrets: ['a'] })
  await (await world.connect()).close()
  const only = async (folder: string): Promise<string> => {
    const [name, ...rest] = await readdir(folder)
    assert.ok(name !== undefined && rest.length === 0, `one file in ${folder}`)
    return join(folder, name)
  }
  const folder = join(world.home, '.cache', 'headgate', 'fallback')
  const memory = join(world.home, '.local', 'state', 'headgate', 'fallback')
  return { ...world, clock, folder, memory, only }
}

/** Takes the plane away, and says why connecting fails then. */
async function refusalWithoutPlane(world: World): Promise<ConfigurationError> {
  await world.plane.close()
  try {
    await world.connect()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error
  }
  throw new Error('it connected')
}

test('without the plane the last known values stand in, and that is said', async (t) => {
  const world = await stored(t, { a: 'kept', infrastructure: { redis: { url: 'redis://x' } } })
  await world.plane.close()
  const config = await world.connect()
  assert.deepEqual([config.source, config.revision, config.get('infrastructure.redis.url')], ['fallback', 1, 'redis://x'])
  assert.equal(config.isSecret('a'), true)
  assert.deepEqual(world.codes(), ['fallback-used'])
  assert.match(
    world.notices[0]!.message,
    /^shop\/dev: the fallback copy of revision 1, written 20\d\d-.*Z, is used, because no plane answers at http/,
  )
})

test('when the plane is back its values are taken by themselves', async (t) => {
  const world = await stored(t)
  const port = world.plane.port
  await world.plane.close()
  const config = await world.connect()
  const heard: unknown[] = []
  config.onChange('a', ({ before, after }) => heard.push([before, after]))
  await world.plane.listen(port)
  world.plane.save('shop/dev', { values: { a: 2 } })
  world.clock.advance(60_000)
  await until(() => config.source === 'plane', 'the plane is used')
  assert.deepEqual(heard, [[1, 2]])
  assert.ok(world.codes().includes('plane-used'))
})

test('the copy shows nothing of the values, and only its owner can read it', async (t) => {
  const world = await stored(t, { a: 'fake-copy-secret-77aa', path: { inner: 'x' } })
  for (const folder of [world.folder, world.memory]) {
    const file = await world.only(folder)
    const content = await readFile(file, 'latin1')
    for (const hidden of ['fake-copy-secret', 'inner', world.token]) assert.equal(content.includes(hidden), false, hidden)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
  }
})

test('a copy with any byte changed, or cut anywhere, is refused', async (t) => {
  const world = await stored(t)
  const file = await world.only(world.folder)
  const whole = await readFile(file)
  await world.plane.close()
  const refused = async (bytes: Uint8Array, what: string): Promise<void> => {
    await writeFile(file, bytes)
    await assert.rejects(world.connect(), { code: 'CONFIG_UNAVAILABLE' }, what)
    assert.ok(world.codes().includes('fallback-refused'), what)
  }
  for (let at = 0; at < whole.length; at += 7) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 0x10
    await refused(changed, `byte ${at}`)
  }
  for (let length = 0; length < whole.length; length += 11) await refused(whole.subarray(0, length), `cut at ${length}`)
  await writeFile(file, whole)
  assert.equal((await world.connect()).source, 'fallback')
})

test('a header that says something else than what was sealed is refused', async (t) => {
  const world = await stored(t)
  const file = await world.only(world.folder)
  const bytes = await readFile(file)
  const end = bytes.indexOf(0x0a)
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as Record<string, unknown>
  await world.plane.close()
  const changes = {
    revision: 9,
    writtenAt: Number(header['writtenAt']) + 1,
    sequence: 99,
    organisation: 'other',
    url: 'http://other',
    kind: 'memory',
  }
  for (const [name, value] of Object.entries(changes)) {
    const line = JSON.stringify({ ...header, [name]: value })
    await writeFile(file, Buffer.concat([Buffer.from(line), bytes.subarray(end)]))
    await assert.rejects(world.connect(), { code: 'CONFIG_UNAVAILABLE' }, name)
  }
})

test('the copy of another environment, put in the place of this one, is refused', async (t) => {
  const world = await stored(t)
  const own = await world.only(world.folder)
  world.plane.save('shop/production', { values: { a: 'production' } })
  await (await world.connect({ environment: 'shop/production' })).close()
  const names = await readdir(world.folder)
  const other = names.map((name) => join(world.folder, name)).find((file) => file !== own)!
  await copyFile(other, own)
  await copyFile(
    join(world.memory, other.replace(/.*\//, '').replace('.sealed', '.memory')),
    join(world.memory, own.replace(/.*\//, '').replace('.sealed', '.memory')),
  )
  const error = await refusalWithoutPlane(world)
  assert.match(error.message, /it is a copy of something else/)
})

test('an older copy put back is refused', async (t) => {
  const world = await stored(t)
  const file = await world.only(world.folder)
  const older = await readFile(file)
  world.plane.save('shop/dev', { values: { a: 2 } })
  world.clock.advance(1_000)
  await (await world.connect()).close()
  await writeFile(file, older)
  const error = await refusalWithoutPlane(world)
  assert.match(error.message, /a newer one was written before, so it is an older one put back/)
})

test('a copy without what is remembered of it is refused, and so is one whose memory was tampered with', async (t) => {
  const world = await stored(t)
  const memory = await world.only(world.memory)
  const bytes = await readFile(memory)
  await world.plane.close()
  await writeFile(memory, Buffer.from(bytes).fill(0x20, 10, 12))
  await assert.rejects(world.connect(), /what is remembered of it cannot be used/)
  await rm(memory)
  await assert.rejects(world.connect(), /nothing is remembered of it/)
  await writeFile(memory, bytes, { mode: 0o600 })
  assert.equal((await world.connect()).source, 'fallback')
})

test('a copy is used up to its maximum age and not after', async (t) => {
  const world = await stored(t)
  await world.plane.close()
  world.clock.advance(7 * DAY)
  assert.equal((await world.connect()).source, 'fallback')
  world.clock.advance(1)
  await assert.rejects(world.connect(), /168 h old, and 168 h is the most/)
  await assert.rejects(world.connect({ fallback: { maxAgeMs: 60_000 } }), /and 1 min is the most/)
})

test('a copy from the future is refused: the clock was set back, and its age means nothing', async (t) => {
  const world = await stored(t)
  await world.plane.close()
  world.clock.advance(-DAY)
  await assert.rejects(world.connect(), /written in the future/)
})

test('another token does not get at the copy', async (t) => {
  const world = await stored(t)
  await world.plane.close()
  await assert.rejects(world.connect({ token: freshToken() }), { code: 'CONFIG_UNAVAILABLE' })
  const names = await readdir(world.folder)
  assert.equal(names.length, 1)
})

for (const code of ['TOKEN_REVOKED', 'PERMISSION_DENIED', 'ENV_NOT_FOUND'] as const) {
  test(`${code} at the start deletes the copy, keeps one put back from being used, and nothing stands in`, async (t) => {
    const world = await stored(t)
    const file = await world.only(world.folder)
    const kept = await readFile(file)
    await writeFile(join(world.home, '.env'), 'A=1\n')
    world.plane.bendOpen = { refuse: code }
    await assert.rejects(world.connect({ compatibility: true }), { code })
    assert.deepEqual(await readdir(world.folder), [])
    await writeFile(file, kept, { mode: 0o600 })
    world.plane.bendOpen = undefined
    const error = await refusalWithoutPlane(world)
    assert.match(error.message, /an older one put back/)
  })
}

test('a refusal while the program runs deletes the copy', async (t) => {
  const world = await stored(t)
  const config = await world.connect()
  world.plane.tokens.clear()
  await config.refresh()
  await config.close()
  assert.deepEqual(await readdir(world.folder), [])
})

test('an answer that is not from a plane, or a route it does not know, deletes nothing', async (t) => {
  const world = await stored(t)
  const bends = [
    { status: 404, body: '<h1>Not found</h1>' },
    { status: 403, body: '{"error":"proxy"}' },
    { refuse: 'ROUTE_UNKNOWN' as const },
  ]
  for (const bend of bends) {
    world.plane.bendOpen = bend
    assert.equal((await world.connect()).source, 'fallback')
  }
})

test('a plane that hangs is left after the time that was allowed', async (t) => {
  const world = await stored(t)
  world.plane.bendOpen = 'hang'
  const config = await world.connect({ answerWithinMs: 30 })
  assert.equal(config.source, 'fallback')
  assert.match(world.notices[0]!.message, /no answer within 0\.03 s/)
})

test('the modes: what is written, what is read, and whether the plane is asked', async (t) => {
  const seen: Record<string, unknown> = {}
  for (const mode of ['on', 'read-only', 'only', 'off'] as FallbackMode[]) {
    const world = await stored(t)
    const before = await readFile(await world.only(world.folder))
    world.plane.save('shop/dev', { values: { a: 2 } })
    world.clock.advance(1_000)
    const opens = world.plane.opens
    const env = { ESC_FALLBACK_MODE: mode }
    const config = await world.connect({}, { env })
    await config.close()
    const written = !(await readFile(await world.only(world.folder))).equals(before)
    const asked = world.plane.opens > opens
    await world.plane.close()
    const read = await world.connect({}, { env }).then(
      ({ source }) => source,
      () => 'nothing',
    )
    seen[mode] = { source: config.source, asked, written, withoutPlane: read }
  }
  assert.deepEqual(seen, {
    on: { source: 'plane', asked: true, written: true, withoutPlane: 'fallback' },
    'read-only': { source: 'plane', asked: true, written: false, withoutPlane: 'fallback' },
    only: { source: 'fallback', asked: false, written: false, withoutPlane: 'fallback' },
    off: { source: 'plane', asked: true, written: false, withoutPlane: 'nothing' },
  })
})

test('a folder that cannot be written is reported once, and the program runs', async (t) => {
  const world = await createWorld(t, new ManualClock())
  world.plane.save('shop/dev', { values: { a: 1 } })
  const file = join(world.home, 'a-file')
  await writeFile(file, '')
  const config = await world.connect({ fallback: { folder: join(file, 'below') } })
  await until(() => world.codes().length > 0, 'it is reported')
  await config.refresh()
  await config.close()
  assert.deepEqual(world.codes(), ['fallback-unwritable'])
  assert.equal(config.get('a'), 1)
})

test('a link in the place of the copy is not followed', async (t) => {
  const world = await stored(t)
  const file = await world.only(world.folder)
  const elsewhere = join(world.home, 'elsewhere')
  await copyFile(file, elsewhere)
  await rm(file)
  await symlink(elsewhere, file)
  const error = await refusalWithoutPlane(world)
  assert.match(error.message, /not a regular file/)
})

test('a copy that others can read is refused', async (t) => {
  const world = await stored(t)
  const file = await world.only(world.folder)
  const bytes = await readFile(file)
  await rm(file)
  await writeFile(file, bytes, { mode: 0o644 })
  const error = await refusalWithoutPlane(world)
  assert.match(error.message, /others can read it \(mode 0644\)/)
})

test('copies nobody can use any more are removed, other files stay', async (t) => {
  const world = await stored(t)
  await writeFile(join(world.folder, 'notes.txt'), '')
  world.clock.advance(30 * DAY)
  const token = freshToken()
  world.plane.tokens.add(token)
  await (await world.connect({ token })).close()
  const names = await readdir(world.folder)
  assert.deepEqual([names.length, names.includes('notes.txt')], [2, true])
  assert.equal((await readdir(world.memory)).length, 1)
})

test('processes that write at the same time leave one whole copy, the newest', async (t) => {
  const home = (await createWorld(t)).home
  const clock = new ManualClock()
  clock.pause = () => new Promise((resolve) => setTimeout(resolve, 1))
  const settings = { mode: 'on', folder: join(home, 'copies'), memory: join(home, 'memory'), maxAgeMs: DAY } as const
  const plane = { url: 'http://127.0.0.1:1', token: new Secret(freshToken()) }
  const reference = { organisation: 'main', project: 'shop', environment: 'dev' }
  const processes = Array.from({ length: 8 }, () => new Fallback({ settings, reference, plane, clock }))
  const start = clock.now()
  clock.advance(1_000)
  const orders = processes.map((fallback, index) =>
    fallback.write({
      source: 'plane',
      environment: 'shop/dev',
      organisation: 'main',
      revision: index + 1,
      closure: [],
      values: { number: index, padding: 'x'.repeat(50_000) },
      secrets: [],
      variables: new Map(),
      readAt: start + index,
    }),
  )
  await Promise.all(orders)
  const read = await processes[0]!.read()
  assert.ok('snapshot' in read, JSON.stringify(read))
  assert.equal(read.snapshot.values['number'], 7)
  assert.deepEqual(
    (await readdir(settings.folder)).map((name) => name.replace(/^[0-9a-f]{32}/, '')),
    ['.sealed'],
  )
})

test('a lock left by a process that died is taken over', async (t) => {
  const world = await stored(t)
  const file = await world.only(world.folder)
  const before = await readFile(file)
  const lock = `${file}.lock`
  await mkdir(world.folder, { recursive: true })
  await writeFile(lock, '')
  const { utimes } = await import('node:fs/promises')
  await utimes(lock, new Date(0), new Date(0))
  world.plane.save('shop/dev', { values: { a: 2 } })
  world.clock.advance(1_000)
  await (await world.connect()).close()
  assert.equal((await readFile(file)).equals(before), false)
})
