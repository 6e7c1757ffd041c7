import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ServerFrame } from '@headgate/contract'
import { type AuditEvent, HeadgateError, type Secret } from '@headgate/model'
import { createConfigurationSource, languageProviders } from '@headgate/operations'
import { createProviders } from '@headgate/providers'
import { update } from '@headgate/store'
import { eventually } from '../eventually.ts'
import { type Socket, listen } from './event-socket.ts'
import { type ServedPlane, main, need, servePlane } from './served-plane.ts'

type Values = Extract<ServerFrame, { type: 'values' }>

const SECRET = 'made-up-and-not-to-leave'
const opener = (environments = ['main/shop/*']) => [
  { effect: 'allow' as const, permissions: ['read' as const, 'open' as const], environments },
]

async function create(plane: ServedPlane, environment: string, text: string): Promise<void> {
  need(await plane.owner.call('createEnvironment', { params: main('shop', environment), body: { text } }))
}

/** @returns the number of the new revision */
async function save(plane: ServedPlane, environment: string, expected: number, text: string): Promise<number> {
  return need(await plane.owner.call('saveEnvironment', { params: main('shop', environment), body: { text, expected } })).revision
}

/** A socket that wishes for values, and is heard: what is saved from here on comes with them. */
async function follow(t: TestContext, plane: ServedPlane, token: Secret, known: Record<string, number>, version?: string): Promise<Socket> {
  const socket = await listen(t, plane, token, known, version === undefined ? {} : { version })
  await eventually(() => socket.frames.length > 0)
  // Frames are worked off in their order, so what this one is told of comes after the wish was listed.
  socket.send({ type: 'watch', environments: [{ ...main('shop', 'heard'), known: 0 }] })
  await eventually(() => socket.frames.some((frame) => frame.type === 'revision' && frame.environment === 'heard'))
  socket.frames.length = 0
  return socket
}

const valuesOf = (socket: Socket): Values[] => socket.frames.filter((frame) => frame.type === 'values')
const typesOf = (socket: Socket): string[] => socket.frames.map(({ type }) => type)

async function planeWith(t: TestContext, environments: Record<string, string>, options = {}): Promise<ServedPlane> {
  const plane = await servePlane(t, options)
  await create(plane, 'heard', 'values: {}\n')
  for (const [environment, text] of Object.entries(environments)) await create(plane, environment, text)
  return plane
}

async function openings({ plane: { store, vault } }: ServedPlane): Promise<AuditEvent[]> {
  const rows = await store.audit.page({ limit: 1_000 })
  return rows.map((row) => vault.openAudit(row)).filter(({ action }) => action === 'environment.open')
}

test('a change comes with its values to whoever wished for them, and as a notice to others, once each and in order', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {n: 1}\n' })
  const follower = await follow(t, plane, plane.ownerToken, { dev: 1 })
  const watcher = await listen(t, plane, plane.ownerToken, { dev: 1 })
  await eventually(() => watcher.frames.length === 1)
  for (let revision = 1; revision < 10; revision++) {
    await save(plane, 'dev', revision, `values: {n: ${revision + 1}, secret: {fn::secret: ${SECRET}}}\n`)
    await eventually(() => valuesOf(follower).length === revision)
  }
  assert.deepEqual(
    follower.frames.map((frame) => frame.type === 'values' && [frame.opened.revision, frame.opened.values['n'], frame.asked]),
    Array.from({ length: 9 }, (_, n) => [n + 2, n + 2, 0]),
  )
  const asked = need(await plane.owner.call('openEnvironment', { params: main('shop', 'dev') }))
  assert.deepEqual(valuesOf(follower).at(-1)?.opened, asked, 'it is what opening answers')
  assert.deepEqual(
    watcher.frames.map(({ type }) => type),
    ['ready', ...Array.from({ length: 9 }, () => 'revision')],
  )
  assert.doesNotMatch(JSON.stringify(watcher.frames), new RegExp(SECRET))
})

test('all sockets of a token get what was evaluated once, after the change, on one record that names each', async (t) => {
  let asked = 0
  const processVariables = new Proxy<Record<string, string>>({}, { get: () => `answer ${++asked}` })
  const plane = await planeWith(
    t,
    { dev: 'values: {}\n' },
    {
      providers: (identity: never) => languageProviders(createProviders({ identity, variables: ['SHOP_*'], processVariables })),
    },
  )
  const sockets = await Promise.all(Array.from({ length: 10 }, () => follow(t, plane, plane.ownerToken, { dev: 1 })))
  await save(plane, 'dev', 1, 'values:\n  key:\n    fn::open::env: { get: { key: { variable: SHOP_KEY } } }\n')
  await eventually(() => sockets.every((socket) => valuesOf(socket).length === 1))
  const keys = sockets.map((socket) => JSON.stringify(valuesOf(socket)[0]?.opened.values))
  assert.deepEqual([new Set(keys).size, asked], [1, 1], 'the provider was asked once')
  const [record, ...more] = await openings(plane)
  assert.equal(more.length, 0)
  assert.equal(record?.actorName, 'owner')
  assert.equal(record.resource, 'environment:main/shop/dev')
  const { sessions, address, revision, token } = record.details ?? {}
  assert.equal(new Set(sessions as string[]).size, 10)
  assert.deepEqual([address, revision, typeof token], ['127.0.0.1', 2, 'string'])
  const exported = await new Response(need(await plane.owner.stream('exportAudit', { query: { format: 'ocsf' } }))).text()
  const line = exported.split('\n').find((each) => each.includes('"operation":"environment.open"')) ?? '{}'
  const { api } = JSON.parse(line) as { api?: { request?: unknown } }
  assert.deepEqual(api?.request, { uid: (sessions as string[])[0], data: { sessions } }, 'an OCSF event names the requests it answered')
})

test('values leave only when their record is on disk', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const socket = await follow(t, plane, plane.ownerToken, { dev: 1 })
  const { changes } = plane.plane
  const commit = changes.commit.bind(changes)
  const held = Promise.withResolvers<void>()
  let recording = 0
  t.mock.method(changes, 'commit', async (change: Parameters<typeof commit>[0]) => {
    if (change.audit.action !== 'environment.open') return commit(change)
    recording += 1
    await held.promise
    return commit(change)
  })
  await save(plane, 'dev', 1, `values: {secret: {fn::secret: ${SECRET}}}\n`)
  await eventually(() => recording === 1)
  // Another answer of the same socket: what is sent before the record would have come by now.
  socket.send({ type: 'asked', asked: 5 })
  socket.send({ type: 'watch', environments: [{ ...main('shop', 'heard'), known: 0 }] })
  await eventually(() => socket.frames.length === 1)
  assert.deepEqual(typesOf(socket), ['revision'])
  held.resolve()
  await eventually(() => valuesOf(socket).length === 1)
  assert.equal(valuesOf(socket)[0]?.asked, 0, 'they were begun before the program asked')
})

test('where nothing can be recorded no value leaves, and the change is told alone', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const socket = await follow(t, plane, plane.ownerToken, { dev: 1 })
  const { changes } = plane.plane
  const commit = changes.commit.bind(changes)
  const failing = t.mock.method(changes, 'commit', (change: Parameters<typeof commit>[0]) =>
    change.audit.action === 'environment.open'
      ? Promise.reject(new HeadgateError('STORE_UNAVAILABLE', { reason: 'made up' }))
      : commit(change),
  )
  await save(plane, 'dev', 1, `values: {secret: {fn::secret: ${SECRET}}}\n`)
  await eventually(() => socket.frames.length === 1)
  assert.deepEqual(socket.frames, [{ type: 'revision', ...main('shop', 'dev'), revision: 2 }])
  failing.mock.restore()
  await save(plane, 'dev', 2, 'values: {n: 3}\n')
  await eventually(() => valuesOf(socket).length === 1)
  assert.doesNotMatch(JSON.stringify(socket.frames), new RegExp(SECRET))
})

test('whoever lost the right to open since the wish is told of the change alone', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const user = await plane.user('reader', opener())
  const socket = await follow(t, plane, user.token, { dev: 1 })
  await save(plane, 'dev', 1, 'values: {n: 2}\n')
  await eventually(() => valuesOf(socket).length === 1)
  const role = await plane.plane.store.roles.get(plane.plane.organisation.id, 'role-of-reader')
  assert.ok(role)
  const reads = [{ effect: 'allow', permissions: ['read'], environments: ['main/shop/*'] }]
  await plane.write([update('roles', role, { statements: JSON.stringify(reads) })])
  await save(plane, 'dev', 2, `values: {secret: {fn::secret: ${SECRET}}}\n`)
  await eventually(() => socket.frames.length === 2)
  assert.deepEqual(socket.frames[1], { type: 'revision', ...main('shop', 'dev'), revision: 3 })
  assert.equal((await openings(plane)).length, 1, 'what was not handed out is not on record')
})

test('a token that was revoked or has expired gets no values', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const [revoked, expired] = await Promise.all([plane.user('revoked', opener()), plane.user('expired', opener())])
  const { tokens } = plane.plane.store
  const [leaving, expiring] = await Promise.all([tokens.get(revoked.tokenId), tokens.get(expired.tokenId)])
  assert.ok(leaving && expiring)
  await plane.write([update('tokens', expiring, { expires_at: plane.time + 1_000 })])
  const sockets = await Promise.all([follow(t, plane, revoked.token, { dev: 1 }), follow(t, plane, expired.token, { dev: 1 })])
  await save(plane, 'dev', 1, 'values: {n: 2}\n')
  await eventually(() => sockets.every((socket) => valuesOf(socket).length === 1))
  // Sessions are looked after twice a second: a change in between meets the opening's own look at the token.
  plane.time += 2_000
  await save(plane, 'dev', 2, `values: {secret: {fn::secret: ${SECRET}}}\n`)
  await eventually(() => valuesOf(sockets[0]).length === 2)
  await plane.write([update('tokens', leaving, { revoked_at: plane.time })])
  await save(plane, 'dev', 3, 'values: {n: 4}\n')
  await eventually(() => sockets.every((socket) => socket.closed() === 4401))
  assert.deepEqual(
    sockets.map((socket) => valuesOf(socket).map(({ opened }) => opened.revision)),
    [[2, 3], [2]],
  )
})

test('a right that ends by the clock ends for values too', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const user = await plane.user('guest', opener())
  const { store, organisation } = plane.plane
  const token = await store.tokens.get(user.tokenId)
  const [binding] = token ? await store.bindings.of(organisation.id, token.principal) : []
  assert.ok(binding)
  await plane.write([update('bindings', binding, { expires_at: plane.time + 1_000 })])
  const socket = await follow(t, plane, user.token, { dev: 1 })
  plane.time += 2_000
  await save(plane, 'dev', 1, `values: {secret: {fn::secret: ${SECRET}}}\n`)
  await eventually(() => socket.frames.length === 1)
  assert.deepEqual(typesOf(socket), ['revision'])
})

test('whoever may open some paths gets those, and nobody gets what was evaluated for somebody else', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const some = await plane.user('some', [
    { effect: 'allow', permissions: ['read'], environments: ['main/shop/*'] },
    { effect: 'allow', permissions: ['open'], environments: ['main/shop/heard'] },
    { effect: 'allow', permissions: ['open'], environments: ['main/shop/dev'], patterns: ['shown', 'who'] },
  ])
  const all = await plane.user('all', opener())
  const sockets = await Promise.all([follow(t, plane, some.token, { dev: 1 }), follow(t, plane, all.token, { dev: 1 })])
  const text = 'values: {shown: 1, who: "${context.pulumi.user.login}", secret: {fn::secret: ' + SECRET + '}}\n'
  await save(plane, 'dev', 1, text)
  await eventually(() => sockets.every((socket) => valuesOf(socket).length === 1))
  const [partly, whole] = sockets.map((socket) => valuesOf(socket)[0]?.opened.values)
  assert.deepEqual(partly, { shown: 1, who: 'some' })
  assert.deepEqual(whole, { shown: 1, who: 'all', secret: SECRET })
})

test('a change of an import comes with the values of the importer, and a tag is opened where it is', async (t) => {
  const plane = await planeWith(t, { base: 'values: {a: 1}\n', dev: 'imports: [shop/base]\nvalues: {b: 1}\n' })
  const head = await follow(t, plane, plane.ownerToken, { dev: 1 })
  await save(plane, 'base', 1, 'values: {a: 2}\n')
  await eventually(() => valuesOf(head).length === 1)
  assert.deepEqual(valuesOf(head)[0]?.opened.values, { a: 2, b: 1 })
  assert.equal(valuesOf(head)[0]?.opened.revision, 1)
  const tag = { ...main('shop', 'dev'), tag: 'stable' }
  need(await plane.owner.call('moveTag', { params: tag, body: { revision: 1 } }))
  const stable = await follow(t, plane, plane.ownerToken, { dev: 1 }, 'stable')
  await save(plane, 'dev', 1, 'imports: [shop/base]\nvalues: {b: 2}\n')
  await eventually(() => valuesOf(stable).length === 1)
  assert.equal(valuesOf(stable)[0]?.opened.revision, 1)
  need(await plane.owner.call('moveTag', { params: tag, body: { revision: 2 } }))
  await eventually(() => valuesOf(stable).at(-1)?.opened.revision === 2)
})

test('values say how often the program had asked when they were begun', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const socket = await follow(t, plane, plane.ownerToken, { dev: 1 })
  socket.send({ type: 'asked', asked: 3 })
  socket.send({ type: 'watch', environments: [{ ...main('shop', 'heard'), known: 0 }] })
  await eventually(() => socket.frames.length === 1)
  await save(plane, 'dev', 1, 'values: {n: 2}\n')
  await eventually(() => valuesOf(socket).length === 1)
  assert.equal(valuesOf(socket)[0]?.asked, 3)
})

test('values that are too large, or cannot be opened, are left to the program to ask for', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const socket = await follow(t, plane, plane.ownerToken, { dev: 1 })
  const long = 'x'.repeat(300_000)
  await save(plane, 'dev', 1, `values: {a: ${long}, b: "\${a}", c: "\${a}", d: "\${a}"}\n`)
  await eventually(() => socket.frames.length === 1)
  await create(plane, 'gone', 'values: {}\n')
  await save(plane, 'dev', 2, 'imports: [shop/gone]\nvalues: {}\n')
  await eventually(() => socket.frames.length === 2)
  need(await plane.owner.call('deleteEnvironment', { params: main('shop', 'gone'), query: { force: 'true' } }))
  await save(plane, 'dev', 3, 'values: {n: 4}\n')
  await eventually(() => valuesOf(socket).some(({ opened }) => opened.revision === 4))
  assert.deepEqual(socket.frames[0], { type: 'revision', ...main('shop', 'dev'), revision: 2 })
  assert.ok((await openings(plane)).every(({ details }) => details?.['revision'] !== 2))
})

test('a program that does not read gets no more than a bound of values, and notices beyond it', async (t) => {
  const plane = await planeWith(t, { dev: 'values: {}\n' })
  const socket = await follow(t, plane, plane.ownerToken, { dev: 1 })
  const goOn = socket.hang()
  const text = (n: number): string => `values: {n: ${n}, a: ${'x'.repeat(160_000)}, b: "\${a}", c: "\${a}", d: "\${a}", e: "\${a}"}\n`
  const last = 25
  // What the system's own buffers take is beyond the plane; behind them it stops.
  for (let n = 1; n <= last; n++) {
    const before = (await openings(plane)).length
    await save(plane, 'dev', n, text(n))
    await eventually(async () => (await openings(plane)).length > before)
  }
  goOn()
  await eventually(() => socket.frames.some((frame) => frame.type === 'revision' && frame.revision === last + 1))
  assert.ok(valuesOf(socket).length < last, `${valuesOf(socket).length} of ${last} came as values`)
  socket.frames.length = 0
  await save(plane, 'dev', last + 1, 'values: {n: small}\n')
  await eventually(() => valuesOf(socket).length === 1)
})

test('an instance of a release gets the configuration it is moved to, and nothing that is saved', async (t) => {
  const plane = await planeWith(t, { production: 'values: {n: 1}\n' })
  const source = createConfigurationSource(plane.plane, plane.watching, () => Promise.resolve(plane.url))
  const target = main('shop', 'production')
  const freeze = async () => need(await source.freeze({ target, reference: 'shop/production', by: { principal: null, name: 'plane' } }))
  const instance = { id: 'one', target, service: 'web', release: 'r1' } as never
  const { variables } = need(await source.admit({ instance, frozen: await freeze() }))
  const token = variables['HEADGATE_TOKEN'] as Secret
  const socket = await listen(t, plane, token, { production: 1 }, {})
  await eventually(() => socket.frames.length === 1)
  await save(plane, 'production', 1, 'values: {n: 2}\n')
  await save(plane, 'production', 2, 'values: {n: 3}\n')
  const second = await freeze()
  await save(plane, 'production', 3, 'values: {n: 4}\n')
  need(await source.deliver({ instance, frozen: second, key: 'one' }))
  await eventually(() => valuesOf(socket).length === 1)
  assert.deepEqual(
    socket.frames.slice(1).map((frame) => frame.type === 'values' && [frame.opened.revision, frame.opened.values]),
    [[3, { n: 3 }]],
  )
  assert.equal(typeof valuesOf(socket)[0]?.opened.configuration, 'string')
})
