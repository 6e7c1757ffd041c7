import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Row } from '@headgate/model'
import { remove, update } from '@headgate/store'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const dev = main('shop', 'dev')

async function make(plane: ServedPlane, environment: string, text: string): Promise<void> {
  need(await plane.owner.call('createEnvironment', { params: main('shop', environment), body: { text } }))
}

/** A plane with an environment that imports another, and somebody who may open both and has done so. */
async function openedBy(context: TestContext) {
  const plane = await servePlane(context)
  await make(plane, 'base', 'values: {inherited: {fn::secret: from-base}}\n')
  await make(plane, 'dev', 'imports: [shop/base]\nvalues: {own: {fn::secret: from-dev}}\n')
  const user = await plane.user('reader', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/*'] }])
  const open = () => user.client.call('openEnvironment', { params: dev })
  assert.deepEqual(need(await open()).values, { inherited: 'from-base', own: 'from-dev' })
  return { plane, user, open }
}

test('a revoked token opens nothing from the moment its revocation is acknowledged, however often it was used', async (t) => {
  const { plane, user, open } = await openedBy(t)
  const row = await plane.plane.store.tokens.get(user.tokenId)
  assert.ok(row)
  await plane.write([update('tokens', row, { revoked_at: plane.time })])
  assert.equal(codeOf(await open()), 'TOKEN_REVOKED')
})

test('a token that ran out opens nothing, without any commit', async (t) => {
  const { plane, user, open } = await openedBy(t)
  const row = await plane.plane.store.tokens.get(user.tokenId)
  assert.ok(row)
  await plane.write([update('tokens', row, { expires_at: plane.time + 1000 })])
  assert.equal((await open()).ok, true)
  plane.time += 1001
  assert.equal(codeOf(await open()), 'TOKEN_EXPIRED')
})

test('a right that was taken away is gone at once, also that on an import of something opened before', async (t) => {
  const { plane, open } = await openedBy(t)
  const { store, organisation } = plane.plane
  const role = await store.roles.get(organisation.id, 'role-of-reader')
  assert.ok(role)
  const only = [
    { effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/dev'] },
    { effect: 'allow', permissions: ['read'], environments: ['main/shop/base'] },
  ]
  await plane.write([update('roles', role, { statements: JSON.stringify(only) })])
  assert.equal(codeOf(await open()), 'OPEN_DENIED_IMPORT')
  const principal = await store.principals.byName(organisation.id, 'reader')
  assert.ok(principal)
  const [binding] = await store.bindings.of(organisation.id, principal.id)
  assert.ok(binding)
  await plane.write([remove('bindings', binding)])
  assert.equal(codeOf(await open()), 'ENV_NOT_FOUND')
})

test('what was saved last is what is opened next: the environment, an import, a tag, and a name that was given anew', async (t) => {
  const { plane, open } = await openedBy(t)
  const save = async (environment: string, expected: number, text: string): Promise<void> => {
    need(await plane.owner.call('saveEnvironment', { params: main('shop', environment), body: { text, expected } }))
  }
  await save('base', 1, 'values: {inherited: {fn::secret: second}}\n')
  assert.equal(need(await open()).values['inherited'], 'second')
  need(await plane.owner.call('moveTag', { params: { ...main('shop', 'base'), tag: 'stable' }, body: { revision: 1 } }))
  await save('dev', 1, 'imports: [shop/base@stable]\nvalues: {}\n')
  assert.equal(need(await open()).values['inherited'], 'from-base')
  need(await plane.owner.call('moveTag', { params: { ...main('shop', 'base'), tag: 'stable' }, body: { revision: 2 } }))
  assert.equal(need(await open()).values['inherited'], 'second')
  need(await plane.owner.call('deleteEnvironment', { params: dev, query: {} }))
  assert.equal(codeOf(await open()), 'ENV_NOT_FOUND')
})

test('what is read is what was saved last, with the tags and the name of its author as they are now', async (t) => {
  const plane = await servePlane(t)
  const { store, organisation } = plane.plane
  await make(plane, 'dev', 'values: {n: 1}\n')
  const read = async (version?: string) => {
    const answer = need(await plane.owner.call('readEnvironment', { params: dev, query: version === undefined ? {} : { version } }))
    return { ...answer, tags: answer.tags.toSorted() }
  }
  const first = await read()
  assert.deepEqual([first.revision, first.text, first.author, first.allTags], [1, 'values: {n: 1}\n', 'owner', []])
  need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: 'values: {n: 2}\n', expected: 1 } }))
  need(await plane.owner.call('moveTag', { params: { ...dev, tag: 'stable' }, body: { revision: 1 } }))
  assert.deepEqual([(await read()).text, (await read()).tags, (await read('stable')).text], ['values: {n: 2}\n', [], 'values: {n: 1}\n'])
  assert.deepEqual((await read('1')).tags, ['stable'])
  need(await plane.owner.call('moveTag', { params: { ...dev, tag: 'stable' }, body: { revision: 2 } }))
  assert.deepEqual([(await read()).tags, (await read('1')).tags], [['stable'], []])
  const author = await store.principals.byName(organisation.id, 'owner')
  assert.ok(author)
  await plane.write([update('principals', author, { name: 'renamed' })])
  assert.deepEqual([(await read()).author, (await read('1')).author], ['renamed', 'renamed'])
  assert.deepEqual({ ...(await read('1')), tags: [], allTags: [] }, { ...first, author: 'renamed' })
  need(await plane.owner.call('deleteEnvironment', { params: dev, query: {} }))
  assert.equal(codeOf(await plane.owner.call('readEnvironment', { params: dev })), 'ENV_NOT_FOUND')
  await make(plane, 'dev', 'values: {anew: true}\n')
  assert.equal((await read()).text, 'values: {anew: true}\n')
})

test('a text that asks who opens it tells everybody of themselves', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {who: "${context.pulumi.user.login}"}\n')
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/*'] }])
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(need(await plane.owner.call('openEnvironment', { params: dev })).values, { who: 'owner' })
    assert.deepEqual(need(await reader.client.call('openEnvironment', { params: dev })).values, { who: 'reader' })
  }
})

test('every opening leaves its record, whether anything had to be opened for it or not', async (t) => {
  const { plane, open } = await openedBy(t)
  await Promise.all(Array.from({ length: 20 }, open))
  const { records } = need(await plane.owner.call('listAudit', { query: { actor: 'reader', action: 'environment.open' } }))
  assert.equal(records.length, 21)
  assert.equal(new Set(records.map(({ details }) => (details as Row | undefined)?.['request'])).size, 21)
})

test('a number that JavaScript cannot hold leaves the plane digit by digit, each time', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {big: 12345678901234567890, exact: 0.10000000000000000555}\n')
  for (let round = 0; round < 2; round += 1) {
    const answer = await fetch(`${plane.url}/api/v1/environments/main/shop/dev/open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.ownerToken.reveal()}` },
    })
    assert.match(await answer.text(), /"big":12345678901234567890,/)
  }
})

test('a secret that comes back unchanged in the clear keeps its record, for who may open it and for nobody else', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values:\n  one: {fn::secret: first}\n  two: {fn::secret: second}\n')
  const textNow = async () => need(await plane.owner.call('readEnvironment', { params: dev })).text
  const before = await textNow()
  const clear = need(await plane.owner.call('unsealEnvironment', { params: dev })).text
  need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: clear.replace('second', 'third'), expected: 1 } }))
  const after = await textNow()
  const lines = (text: string): string[] => text.split('\n')
  assert.equal(lines(after)[1], lines(before)[1])
  assert.notEqual(lines(after)[2], lines(before)[2])
  assert.deepEqual(need(await plane.owner.call('openEnvironment', { params: dev })).values, { one: 'first', two: 'third' })
  const writer = await plane.user('writer', [{ effect: 'allow', permissions: ['read', 'write'], environments: ['main/shop/*'] }])
  need(await writer.client.call('saveEnvironment', { params: dev, body: { text: clear, expected: 2 } }))
  assert.notEqual(lines(await textNow())[1], lines(before)[1])
})
