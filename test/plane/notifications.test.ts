import assert from 'node:assert/strict'
import { test } from 'node:test'
import { update } from '@headgate/store'
import { eventually } from '../eventually.ts'
import { listen } from './event-socket.ts'
import { type ServedPlane, main, need, servePlane } from './served-plane.ts'

const save = async (plane: ServedPlane, environment: string, expected: number, text: string): Promise<void> => {
  need(await plane.owner.call('saveEnvironment', { params: main('shop', environment), body: { text, expected } }))
}

test('a watcher hears of every new revision once, in order, without any value', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} }))
  const socket = await listen(t, plane, plane.ownerToken, { dev: 1 })
  await eventually(() => socket.frames.length === 1)
  for (let revision = 1; revision <= 20; revision++) await save(plane, 'dev', revision, `values: {never-shown: v${revision}}\n`)
  const revisions = await eventually(() => {
    const heard = socket.frames.filter((frame) => frame.type === 'revision')
    return heard.at(-1)?.revision === 21 ? heard : undefined
  })
  const numbers = revisions.map((frame) => frame.revision)
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((a, b) => a - b),
  )
  assert.doesNotMatch(JSON.stringify(socket.frames), /never-shown|v7/)
})

test('whoever was away is told at once of what they missed', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} }))
  await save(plane, 'dev', 1, 'values: {a: 1}\n')
  const socket = await listen(t, plane, plane.ownerToken, { dev: 1 })
  await eventually(() => socket.frames.some((frame) => frame.type === 'revision' && frame.revision === 2))
})

test('a change of an imported environment is a change of the importer', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'base'), body: {} }))
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: { text: 'imports: [shop/base]\nvalues: {}\n' } }))
  const socket = await listen(t, plane, plane.ownerToken, { dev: 1 })
  await eventually(() => socket.frames.length === 1)
  await save(plane, 'base', 1, 'values: {a: 1}\n')
  await eventually(() => socket.frames.some((frame) => frame.type === 'revision' && frame.environment === 'dev' && frame.imported === true))
})

test('a socket without a token, with a wrong one, or with none of the frames is refused', async (t) => {
  const plane = await servePlane(t)
  const wrong = await listen(t, plane, undefined)
  wrong.send({ type: 'authenticate', token: 'hg_user_made-up' })
  await eventually(() => wrong.closed() === 4401)
  const silent = await listen(t, plane, undefined, { dev: 0 })
  await eventually(() => silent.closed() === 4401)
  const garbage = await listen(t, plane, undefined)
  garbage.send({ type: 'open', everything: true })
  await eventually(() => garbage.closed() === 4400)
})

test('an environment the caller may not read is not watched', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} }))
  const other = await plane.user('other', [{ effect: 'allow', permissions: ['read'], environments: ['main/other/*'] }])
  const socket = await listen(t, plane, other.token, { dev: 0 })
  await eventually(() => socket.closed() === 4401)
  assert.ok(socket.frames.some((frame) => frame.type === 'refused' && frame.code === 'ENV_NOT_FOUND'))
})

test('the sockets of a revoked token are closed', async (t) => {
  const plane = await servePlane(t)
  const user = await plane.user('leaving', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  const socket = await listen(t, plane, user.token)
  await eventually(() => socket.frames.length === 1)
  const row = await plane.plane.store.tokens.get(user.tokenId)
  assert.ok(row)
  await plane.write([update('tokens', row, { revoked_at: plane.time })])
  await eventually(() => socket.closed() === 4401, { within: 1_000 })
  assert.ok(socket.frames.some((frame) => frame.type === 'refused' && frame.code === 'TOKEN_REVOKED'))
})

test('a watcher of a deleted environment is told that it is gone', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} }))
  const socket = await listen(t, plane, plane.ownerToken, { dev: 1 })
  await eventually(() => socket.frames.length === 1)
  need(await plane.owner.call('deleteEnvironment', { params: main('shop', 'dev') }))
  await eventually(() => socket.frames.some((frame) => frame.type === 'gone' && frame.environment === 'dev'))
})
