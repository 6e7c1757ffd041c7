import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const dev = main('shop', 'dev')

async function make(plane: ServedPlane, environment: string, text: string): Promise<void> {
  need(await plane.owner.call('createEnvironment', { params: main('shop', environment), body: { text } }))
}

async function textOf(plane: ServedPlane, environment: string): Promise<string> {
  return need(await plane.owner.call('readEnvironment', { params: main('shop', environment) })).text
}

test('a saved secret is sealed at its place, every other byte stays, and it opens to what it was', async (t) => {
  const plane = await servePlane(t)
  const secret = randomBytes(12).toString('hex')
  const text = `# a comment\nvalues:\n    key:   {fn::secret: "${secret}"}   # kept\n    plain: 1\n    joined: k=\${key}\n`
  await make(plane, 'dev', text)
  const stored = await textOf(plane, 'dev')
  assert.doesNotMatch(stored, new RegExp(secret))
  const opened = need(await plane.owner.call('openEnvironment', { params: dev }))
  assert.deepEqual(opened.values, { key: secret, plain: 1, joined: `k=${secret}` })
  assert.deepEqual(opened.secrets.toSorted(), ['joined', 'key'])
  assert.deepEqual(opened.closure, [{ ...dev, revision: 1 }])
  const unsealed = need(await plane.owner.call('unsealEnvironment', { params: dev }))
  const outside = (whole: string): string => whole.replace(/fn::secret:[^}]*\}+/, '')
  assert.equal(outside(stored), outside(text))
  need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: unsealed.text, expected: 1 } }))
  assert.deepEqual(need(await plane.owner.call('openEnvironment', { params: dev })).values, opened.values)
})

test('two saves on the same revision: one wins, the other is told both revisions', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {a: 0}\n')
  const saves = [1, 2, 3, 4].map((a) =>
    plane.owner.call('saveEnvironment', { params: dev, body: { text: `values: {a: ${a}}\n`, expected: 1 } }),
  )
  const results = await Promise.all(saves)
  assert.equal(results.filter((result) => result.ok).length, 1)
  for (const result of results.filter((candidate) => !candidate.ok)) {
    assert.equal(codeOf(result), 'REVISION_CONFLICT')
    assert.deepEqual(result.ok ? {} : result.problem.details, { environment: 'shop/dev', expected: 1, actual: 2 })
  }
  assert.equal(need(await plane.owner.call('listRevisions', { params: dev })).revisions.length, 2)
})

test('a text with a mistake is not saved, and the mistake has its place', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {}\n')
  const result = await plane.owner.call('saveEnvironment', { params: dev, body: { text: 'values:\n  a: ${b}\n', expected: 1 } })
  assert.equal(codeOf(result), 'DOCUMENT_INVALID')
  assert.ok(!result.ok)
  const [diagnostic] = result.problem.diagnostics ?? []
  assert.match(diagnostic?.message ?? '', /unknown property "b"/)
  assert.equal(diagnostic?.range?.begin.line, 2)
  assert.equal(need(await plane.owner.call('readEnvironment', { params: dev })).revision, 1)
})

test('a handle pasted into another environment is refused at its place, and sealed anew for who may open its source', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values:\n  key: {fn::secret: from-dev}\n')
  await make(plane, 'staging', 'values: {}\n')
  const pasted = await textOf(plane, 'dev')
  const writer = await plane.user('writer', [
    { effect: 'allow', permissions: ['read', 'write', 'open'], environments: ['main/shop/staging'] },
    { effect: 'allow', permissions: ['read'], environments: ['main/shop/dev'] },
  ])
  const staging = main('shop', 'staging')
  const refused = await writer.client.call('saveEnvironment', { params: staging, body: { text: pasted, expected: 1 } })
  assert.equal(codeOf(refused), 'HANDLE_FOREIGN')
  assert.ok(!refused.ok && refused.problem.diagnostics?.[0]?.range?.begin.line === 2)

  need(await plane.owner.call('saveEnvironment', { params: staging, body: { text: pasted, expected: 1 } }))
  assert.notEqual(await textOf(plane, 'staging'), pasted)
  assert.deepEqual(need(await writer.client.call('openEnvironment', { params: staging })).values, { key: 'from-dev' })
})

test('a handle that was changed, or made elsewhere, is refused and named', async (t) => {
  const plane = await servePlane(t)
  const other = await servePlane(t)
  await make(plane, 'dev', 'values: {}\n')
  await make(other, 'dev', 'values:\n  key: {fn::secret: elsewhere}\n')
  const result = await plane.owner.call('saveEnvironment', { params: dev, body: { text: await textOf(other, 'dev'), expected: 1 } })
  assert.equal(codeOf(result), 'HANDLE_INVALID')
})

test('going back to the text of an earlier revision refers to the same records', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values:\n  key: {fn::secret: first}\n')
  const first = await textOf(plane, 'dev')
  need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: 'values: {}\n', expected: 1 } }))
  need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: first, expected: 2 } }))
  assert.equal(await textOf(plane, 'dev'), first)
  assert.deepEqual(need(await plane.owner.call('openEnvironment', { params: dev })).values, { key: 'first' })
})

test('opening needs the right on every import, by the same principal', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'base', 'values:\n  db: {host: internal, password: {fn::secret: base-secret}}\n')
  await make(plane, 'dev', 'imports: [shop/base]\nvalues:\n  db: {port: 5432}\n')
  const opened = need(await plane.owner.call('openEnvironment', { params: dev }))
  assert.deepEqual(opened.values, { db: { host: 'internal', password: 'base-secret', port: 5432 } })
  assert.deepEqual(
    opened.closure.map(({ environment, revision }) => `${environment}@${revision}`),
    ['dev@1', 'base@1'],
  )
  const only = await plane.user('only-dev', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/dev'] }])
  const unknown = await only.client.call('openEnvironment', { params: dev })
  // What it may not even know of is not there for it.
  assert.equal(codeOf(unknown), 'OPEN_IMPORT_NOT_FOUND')
  await make(plane, 'gone', 'values: {}\n')
  await make(plane, 'stray', 'imports: [shop/gone]\nvalues: {}\n')
  need(await plane.owner.call('deleteEnvironment', { params: main('shop', 'gone'), query: { force: 'true' } }))
  const strays = await plane.user('only-stray', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/stray'] }])
  // Nor does it learn that something is not there.
  assert.equal(codeOf(await strays.client.call('openEnvironment', { params: main('shop', 'stray') })), 'OPEN_IMPORT_NOT_FOUND')
  const reads = await plane.user('reads-base', [
    { effect: 'allow', permissions: ['read'], environments: ['main/shop/*'] },
    { effect: 'allow', permissions: ['open'], environments: ['main/shop/dev'] },
  ])
  const denied = await reads.client.call('openEnvironment', { params: dev })
  assert.equal(codeOf(denied), 'OPEN_DENIED_IMPORT')
  assert.ok(!denied.ok)
  assert.equal(denied.problem.diagnostics?.[0]?.range?.begin.line, 1)
  assert.ok(!JSON.stringify([unknown, denied]).includes('base-secret'))
})

test('whoever may open some paths gets those and no trace of the rest', async (t) => {
  const plane = await servePlane(t)
  await make(
    plane,
    'dev',
    'values:\n  api: {key: {fn::secret: api-secret}, url: u}\n  db: {password: {fn::secret: db-secret}}\n  list: [{fn::secret: l}]\n',
  )
  const some = await plane.user('some', [
    { effect: 'allow', permissions: ['read', 'open'], environments: ['main/shop/*'], patterns: ['api\\..*'] },
  ])
  const opened = need(await some.client.call('openEnvironment', { params: dev }))
  assert.deepEqual(opened.values, { api: { key: 'api-secret', url: 'u' } })
  assert.deepEqual(opened.secrets, ['api.key'])
  assert.equal(codeOf(await some.client.call('unsealEnvironment', { params: dev })), 'PERMISSION_DENIED')
})

test('a sealed value is not carried to a path where somebody may open it', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values:\n  db: {password: {fn::secret: db-secret}}\n  api: {key: {fn::secret: api-secret}}\n')
  const writer = await plane.user('writer', [
    { effect: 'allow', permissions: ['read', 'write'], environments: ['main/shop/*'] },
    { effect: 'allow', permissions: ['open'], environments: ['main/shop/*'], patterns: ['api\\..*'] },
  ])
  const text = await textOf(plane, 'dev')
  const [, password = ''] = /password: (\{[^}]*\}\})/.exec(text) ?? []
  assert.ok(password)
  const save = (changed: string, expected: number) =>
    writer.client.call('saveEnvironment', { params: dev, body: { text: changed, expected } })
  const moved = await save(`${text}  api2: ${password}\n`.replace('api: {', `api: {copy: ${password}, `), 1)
  assert.equal(codeOf(moved), 'HANDLE_MOVED')
  // A reference instead: it can be saved, and does not open.
  need(await save(text.replace('api: {', 'api: {copy: "${db.password}", '), 1))
  const opened = need(await writer.client.call('openEnvironment', { params: dev }))
  assert.deepEqual(opened.values, { api: { key: 'api-secret' } })
  assert.deepEqual(
    opened.diagnostics.map(({ code, path }) => ({ code, path })),
    [{ code: 'OPEN_PATH_WITHHELD', path: 'values.api.copy' }],
  )
  // What they may open they may move, and what stood somewhere may stand there again.
  const [, key = ''] = /key: (\{[^}]*\}\})/.exec(text) ?? []
  need(await save(`values:\n  api: {other: ${key}}\n`, 2))
  need(await save(text, 3))
})

test('what somebody may not know of is not found, what they may see but not do is denied, and both are on record', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {}\n')
  const viewer = await plane.user('viewer', [{ effect: 'allow', permissions: ['read'], environments: ['main/shop/dev'] }])
  assert.equal(codeOf(await viewer.client.call('openEnvironment', { params: dev })), 'PERMISSION_DENIED')
  assert.equal(codeOf(await viewer.client.call('openEnvironment', { params: main('other', 'dev') })), 'ENV_NOT_FOUND')
  const { records } = need(await plane.owner.call('listAudit', { query: { actor: 'viewer' } }))
  assert.deepEqual(
    records.map(({ action, outcome }) => `${action} ${outcome}`),
    ['environment.open denied', 'environment.open denied'],
  )
})

test('a tag names a revision, moves only from where it was expected, and opens what it names', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {a: 1}\n')
  need(await plane.owner.call('saveEnvironment', { params: dev, body: { text: 'values: {a: 2}\n', expected: 1 } }))
  const tag = { ...dev, tag: 'stable' }
  need(await plane.owner.call('moveTag', { params: tag, body: { revision: 1, expected: null } }))
  assert.equal(codeOf(await plane.owner.call('moveTag', { params: tag, body: { revision: 2, expected: null } })), 'TAG_CONFLICT')
  assert.deepEqual(need(await plane.owner.call('openEnvironment', { params: dev, query: { version: 'stable' } })).values, { a: 1 })
  assert.equal(codeOf(await plane.owner.call('moveTag', { params: { ...dev, tag: 'latest' }, body: { revision: 1 } })), 'TAG_INVALID')
  need(await plane.owner.call('deleteTag', { params: tag }))
  assert.equal(codeOf(await plane.owner.call('openEnvironment', { params: dev, query: { version: 'stable' } })), 'TAG_NOT_FOUND')
})

test('an environment somebody imports is not deleted by accident; a deleted one leaves its name free', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'base', 'values: {}\n')
  await make(plane, 'dev', 'imports: [shop/base]\nvalues: {}\n')
  const base = main('shop', 'base')
  assert.equal(codeOf(await plane.owner.call('deleteEnvironment', { params: base })), 'ENV_IMPORTED')
  need(await plane.owner.call('deleteEnvironment', { params: base, query: { force: 'true' } }))
  assert.equal(codeOf(await plane.owner.call('readEnvironment', { params: base })), 'ENV_NOT_FOUND')
  await make(plane, 'base', 'values: {again: true}\n')
})

test('numbers beyond what JavaScript holds come out digit by digit', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'dev', 'values: {big: 12345678901234567890, fraction: 1.10}\n')
  const headers = { authorization: `Bearer ${plane.ownerToken.reveal()}` }
  const body = await (await fetch(`${plane.url}/api/v1/environments/main/shop/dev/open`, { method: 'POST', headers })).text()
  assert.match(body, /"big":12345678901234567890/)
})
