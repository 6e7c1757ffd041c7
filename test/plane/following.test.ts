import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { EVENTS_PATH } from '@headgate/contract'
import { update } from '@headgate/store'
import { WebSocket } from 'ws'
import { connect } from '../../clients/sdk/src/connect.ts'
import type { Configuration } from '../../clients/sdk/src/configuration.ts'
import { hastyClock } from '../../clients/sdk/test/test-surroundings.ts'
import { TcpLine } from '../../clients/sdk/test/tcp-line.ts'
import { eventually } from '../eventually.ts'
import { seed, times } from '../proving.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type ServedPlane, main, need, servePlane } from './served-plane.ts'

const dev = main('shop', 'dev')
const CLIENTS = 5
const ROUNDS = times({ short: 8, long: 2_000 })

/** Programs that follow shop/dev over a line that can be cut. */
async function followers(t: TestContext, plane: ServedPlane, line: TcpLine): Promise<Configuration<unknown>[]> {
  const home = temporaryFolder(t)
  const surroundings = { env: {}, home, folder: home, clock: hastyClock, random: randomFrom(seed) }
  const options = {
    url: line.url,
    token: plane.ownerToken,
    environment: 'shop/dev',
    fallback: 'off' as const,
    ttlMs: 360_000_000,
    report: () => {},
  }
  const configs = await Promise.all(Array.from({ length: CLIENTS }, () => connect<unknown>(options, surroundings)))
  t.after(() => Promise.all(configs.map((config) => config.close())))
  return configs
}

/** Whether it was cut off in every round so far, came back each time, and has what was saved last. */
function isBack(config: Configuration<unknown>, round: number): boolean {
  const { reconnects, watching } = config.stats()
  return reconnects >= round && watching && config.get('n') === round
}

/** Numbers from 0 up to 1 that a seed brings again. */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test(`${CLIENTS * ROUNDS} forced reconnects to a real plane miss no change and reorder none (seed ${seed})`, async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: dev, body: { text: 'values: {n: 0}\n' } }))
  const line = await TcpLine.to(() => Number(new URL(plane.url).port))
  t.after(() => line.close())
  const configs = await followers(t, plane, line)
  const heard = configs.map((config) => {
    const numbers: number[] = []
    config.onChange('n', ({ after }) => numbers.push(Number(after)))
    return numbers
  })
  const random = randomFrom(seed)
  await eventually(() => configs.every((config) => isBack(config, 0)))
  for (let round = 1; round <= ROUNDS; round += 1) {
    // The cut comes before, while or after the change is saved.
    const cutAt = Math.floor(random() * 3)
    if (cutAt === 0) line.cut()
    const saving = plane.owner.call('saveEnvironment', { params: dev, body: { text: `values: {n: ${round}}\n`, expected: round } })
    if (cutAt === 1) line.cut()
    need(await saving)
    if (cutAt === 2) line.cut()
    await eventually(() => configs.every((config) => isBack(config, round)))
  }
  for (const numbers of heard) {
    assert.deepEqual(
      numbers,
      numbers.toSorted((left, right) => left - right),
    )
    assert.deepEqual(numbers.at(-1), ROUNDS)
    assert.equal(new Set(numbers).size, ROUNDS, 'every change was told, as each was waited for')
  }
})

test(`programs that ask at random while imports change never go back, nor miss the last (seed ${seed})`, async (t) => {
  const plane = await servePlane(t)
  const base = main('shop', 'base')
  need(await plane.owner.call('createEnvironment', { params: base, body: { text: 'values: {n: 0}\n' } }))
  need(await plane.owner.call('createEnvironment', { params: dev, body: { text: 'imports: [shop/base]\nvalues: {}\n' } }))
  const line = await TcpLine.to(() => Number(new URL(plane.url).port))
  t.after(() => line.close())
  const configs = await followers(t, plane, line)
  const heard = configs.map((config) => {
    const numbers = [Number(config.get('n'))]
    config.onChange('n', ({ after }) => numbers.push(Number(after)))
    return numbers
  })
  await eventually(() => configs.every((config) => config.stats().watching))
  const random = randomFrom(seed)
  for (let round = 1; round <= ROUNDS * 5; round += 1) {
    const asking = configs.filter(() => random() < 0.3).map((config) => config.refresh())
    // The revision of the program's own environment stays, so only the order of answers and values tells what is newer.
    const saving = plane.owner.call('saveEnvironment', { params: base, body: { text: `values: {n: ${round}}\n`, expected: round } })
    asking.push(...configs.filter(() => random() < 0.3).map((config) => config.refresh()))
    need(await saving)
    if (random() < 0.2) await Promise.all(asking)
  }
  await eventually(() => configs.every((config) => config.get('n') === ROUNDS * 5))
  for (const numbers of heard) {
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((left, right) => left - right),
    )
  }
})

test('every socket of a revoked token is closed, and those of others stay', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: dev, body: {} }))
  const user = await plane.user('leaver', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/*'] }])
  const open = async (token: string) => {
    const socket = new WebSocket(plane.url.replace('http', 'ws') + EVENTS_PATH)
    t.after(() => socket.terminate())
    const state = { ready: false, closed: 0 }
    socket.on('open', () => socket.send(JSON.stringify({ type: 'authenticate', token })))
    socket.on('message', () => (state.ready = true))
    socket.on('close', (code: number) => (state.closed = code))
    await eventually(() => state.ready)
    return state
  }
  const leaving = await Promise.all(Array.from({ length: 20 }, () => open(user.token.reveal())))
  const staying = await open(plane.ownerToken.reveal())
  const row = await plane.plane.store.tokens.get(user.tokenId)
  assert.ok(row)
  await plane.write([update('tokens', row, { revoked_at: plane.time })])
  await eventually(() => leaving.every(({ closed }) => closed === 4401))
  assert.equal(staying.closed, 0)
})

test('whoever lost the right to read an environment hears nothing more of it', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: dev, body: {} }))
  const user = await plane.user('leaver', [{ effect: 'allow', permissions: ['read'], environments: ['main/shop/*'] }])
  const frames: { type: string }[] = []
  const socket = new WebSocket(plane.url.replace('http', 'ws') + EVENTS_PATH)
  t.after(() => socket.terminate())
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'authenticate', token: user.token.reveal() }))
    socket.send(JSON.stringify({ type: 'watch', environments: [{ ...dev, known: 1 }] }))
  })
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as { type: string }))
  const save = async (expected: number) =>
    need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: `values: {n: ${expected}}\n`, expected } }))
  await eventually(() => frames.length === 1)
  await save(1)
  await eventually(() => frames.length === 2)
  const role = await plane.plane.store.roles.get(plane.plane.organisation.id, 'role-of-leaver')
  assert.ok(role)
  const elsewhere = [{ effect: 'allow', permissions: ['read'], environments: ['main/other/*'] }]
  await plane.write([update('roles', role, { statements: JSON.stringify(elsewhere) })])
  await eventually(() => frames.length === 3)
  await save(2)
  await save(3)
  assert.deepEqual(
    frames.map(({ type }) => type),
    ['ready', 'revision', 'gone'],
  )
})
