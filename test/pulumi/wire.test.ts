import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { test } from 'node:test'
import { servePlane } from '../plane/served-plane.ts'
import { E, call, seedEnvironment } from './wire-kit.ts'

test('an environment begins with an empty text as revision 1, and every save makes the next one', async (t) => {
  const plane = await servePlane(t)
  assert.deepEqual((await call(plane, '/api/esc/environments/main', { method: 'POST', body: '{"project":"shop","name":"dev"}' })).json, {
    code: 200,
    message: '',
  })
  const empty = await call(plane, E)
  assert.deepEqual([empty.status, empty.text, empty.headers.get('pulumi-esc-revision')], [200, '', '1'])
  const opened = await call(plane, `${E}/open`, { method: 'POST' })
  assert.deepEqual((await call(plane, `${E}/open//${(opened.json as { id: string }).id}`)).json, {})
  for (const revision of ['2', '3']) {
    const saved = await call(plane, E, { method: 'PATCH', body: 'values: {a: 1}\n' })
    assert.deepEqual([saved.status, saved.headers.get('pulumi-esc-revision'), saved.json], [200, revision, {}])
  }
  assert.equal((await call(plane, '/api/esc/environments/main', { method: 'POST', body: '{"project":"shop","name":"dev"}' })).status, 409)
})

test('older SDKs hear 200 of what was made and deleted, later ones 204', async (t) => {
  const plane = await servePlane(t)
  const make = (name: string, agent: string) =>
    call(plane, '/api/esc/environments/main', {
      method: 'POST',
      body: JSON.stringify({ project: 'shop', name }),
      headers: { 'user-agent': agent },
    })
  for (const [index, [agent, status]] of (
    [
      ['esc-sdk/ts/v0.12.4', 200],
      ['esc-sdk/ts/v0.13.0', 204],
      ['esc-sdk/python/1.0.0', 204],
      ['esc-cli/1 (v0.25.0; linux)', 200],
    ] as const
  ).entries()) {
    assert.equal((await make(`e${index}`, agent)).status, status, agent)
    const deleted = await call(plane, `/api/esc/environments/main/shop/e${index}`, { method: 'DELETE', headers: { 'user-agent': agent } })
    assert.equal(deleted.status, status, agent)
  }
})

test('a save with the tag of an older text is a conflict, and one with the newest is not', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const tag = (await call(plane, E)).headers.get('etag') ?? ''
  const first = await call(plane, E, { method: 'PATCH', body: 'values: {a: 2}\n', headers: { etag: tag } })
  assert.equal(first.status, 200)
  for (const headers of [{ etag: tag }, { 'if-match': tag }, { etag: tag.replaceAll('"', '') }, { etag: 'never given' }]) {
    const late = await call(plane, E, { method: 'PATCH', body: 'values: {a: 3}\n', headers })
    assert.deepEqual([late.status, (late.json as { code: number }).code], [409, 409])
  }
  assert.equal((await call(plane, E)).text, 'values: {a: 2}\n')
})

test('mistakes in a text are a 400 with their places, and nothing is stored', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const refused = await call(plane, E, { method: 'PATCH', body: 'values:\n  a: ${nothing}\n' })
  const { code, diagnostics } = refused.json as { code: number; diagnostics: { summary: string; range: { environment: string } }[] }
  assert.deepEqual([refused.status, code], [400, 400])
  assert.match(diagnostics[0]?.summary ?? '', /unknown property "nothing"/)
  assert.equal(diagnostics[0]?.range.environment, 'shop/dev')
  assert.equal((await call(plane, E)).headers.get('pulumi-esc-revision'), '2')
  const warned = await call(plane, E, { method: 'PATCH', body: 'values:\n  a: 1\nother: 2\n' })
  assert.equal(warned.status, 200)
  assert.match(warned.text, /"severity":"warning"/)
})

test('what was opened is kept for whoever opened it, until it expires', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane, 'values:\n  pw: {fn::secret: made-up-secret}\n')
  const opened = await call(plane, `${E}/open?duration=1m30s`, { method: 'POST' })
  const { id } = opened.json as { id: string }
  const read = await call(plane, `${E}/open/${id}?property=pw`)
  assert.equal((read.json as { value: string }).value, 'made-up-secret')
  assert.equal((await call(plane, `${E}/open/${id}?property=other`)).status, 404)
  const other = await plane.user('other', [{ effect: 'allow', permissions: ['*'], environments: ['main/*/*'] }])
  assert.equal((await call(plane, `${E}/open/${id}`, { token: other.token.reveal() })).status, 404)
  assert.equal((await call(plane, `/api/esc/environments/main/yaml/open/${id}`)).status, 404)
  plane.time += 91_000
  const late = await call(plane, `${E}/open/${id}`)
  assert.deepEqual([late.status, (late.json as { code: number }).code], [404, 404])
  for (const duration of ['yesterday', '-1h', '1', '0s', '48h'])
    assert.equal((await call(plane, `${E}/open?duration=${duration}`, { method: 'POST' })).status, 400, duration)
})

test('a text that is saved nowhere opens with the imports of a stack, and with others in their places', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane, 'values:\n  color: blue\n')
  await call(plane, '/api/esc/environments/main', { method: 'POST', body: '{"project":"shop","name":"other"}' })
  await call(plane, '/api/esc/environments/main/shop/other', { method: 'PATCH', body: 'values:\n  color: red\n' })
  const open = async (query: string) => {
    const opened = await call(plane, `/api/esc/environments/main/yaml/open?${query}`, { method: 'POST', body: '{"imports":["shop/dev"]}' })
    const { id } = opened.json as { id: string }
    return ((await call(plane, `/api/esc/environments/main/yaml/open/${id}`)).json as { properties: { color: { value: string } } })
      .properties.color.value
  }
  assert.equal(await open('duration=2h0m0s'), 'blue')
  const overrides = Buffer.from(JSON.stringify({ 'shop/dev': 'shop/other' })).toString('base64url')
  assert.equal(await open(`environmentOverrides=${overrides}`), 'red')
  assert.equal((await call(plane, '/api/esc/environments/elsewhere/yaml/open', { method: 'POST', body: '{}' })).status, 404)
})

test('lists end the way each client waits for', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  for (const name of ['a', 'b', 'c']) await call(plane, `${E}/tags`, { method: 'POST', body: JSON.stringify({ name, value: 'x' }) })
  const first = (await call(plane, `${E}/tags?count=2`)).json as { nextToken: string; tags: object }
  assert.deepEqual([Object.keys(first.tags), first.nextToken], [['a', 'b'], 'b'])
  const last = (await call(plane, `${E}/tags?after=b&count=2`)).json as { nextToken: string; tags: object }
  assert.deepEqual([Object.keys(last.tags), last.nextToken], [['c'], '0'])
  assert.deepEqual((await call(plane, `${E}/versions?before=1&count=500`)).json, [])
  assert.deepEqual(((await call(plane, `${E}/versions?before=0&count=`)).json as object[]).length, 2)
  assert.deepEqual(((await call(plane, `${E}/versions/tags?after=latest&count=500`)).json as { tags: object[] }).tags, [])
  for (const name of ['one', 'two'])
    await call(plane, '/api/esc/environments/main', { method: 'POST', body: JSON.stringify({ project: 'p', name }) })
  const names: string[] = []
  for (let token: string | undefined = ''; token !== undefined;) {
    const page = await call(plane, `/api/esc/environments?maxResults=1&continuationToken=${token}`)
    const { environments, nextToken } = page.json as { environments: { name: string }[]; nextToken: string }
    names.push(...environments.map(({ name }) => name))
    token = nextToken === '' ? undefined : nextToken
  }
  assert.deepEqual(names, ['one', 'two', 'dev'])
})

test('a retracted revision is opened as its replacement, and the newest cannot be retracted', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  await call(plane, E, { method: 'PATCH', body: 'values: {a: 2}\n' })
  await call(plane, `${E}/versions/tags`, { method: 'POST', body: '{"name":"stable","revision":2}' })
  assert.equal((await call(plane, `${E}/versions/2/retract`, { method: 'POST', body: '{"reason":"leaked"}' })).status, 204)
  const opened = await call(plane, `${E}/versions/stable/open`, { method: 'POST' })
  const { id } = opened.json as { id: string }
  assert.equal(((await call(plane, `${E}/open/${id}?property=a`)).json as { value: number }).value, 2)
  assert.equal((await call(plane, `${E}/versions/2`)).text, 'values:\n  a: 1\n')
  assert.equal((await call(plane, `${E}/versions/3/retract`, { method: 'POST', body: '{}' })).status, 409)
})

test('a deleted environment comes back with its revisions, and a protected one is not deleted', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  await call(plane, `${E}/settings`, { method: 'PATCH', body: '{"deletionProtected":true}' })
  const refused = await call(plane, E, { method: 'DELETE' })
  assert.deepEqual([refused.status, /protect/.test(refused.text)], [409, true])
  await call(plane, `${E}/settings`, { method: 'PATCH', body: '{"deletionProtected":false}' })
  assert.equal((await call(plane, E, { method: 'DELETE' })).status, 200)
  assert.equal((await call(plane, E)).status, 404)
  const listed = (await call(plane, '/api/esc/environments/main/restore')).json as { environments: { name: string; deletedAt: string }[] }
  assert.deepEqual(
    listed.environments.map(({ name }) => name),
    ['dev'],
  )
  const body = JSON.stringify({ project: 'shop', name: 'dev', deletionTimestamp: listed.environments[0]?.deletedAt })
  assert.equal((await call(plane, '/api/esc/environments/main/restore', { method: 'PUT', body })).status, 204)
  assert.equal((await call(plane, E)).text, 'values:\n  a: 1\n')
})

test('a draft is sealed, opened, submitted and applied, and its environment keeps its text until then', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const drafted = await call(plane, `${E}/drafts`, { method: 'POST', body: 'values:\n  pw: {fn::secret: made-up-secret}\n' })
  const { changeRequestId: id } = drafted.json as { changeRequestId: string }
  const text = await call(plane, `${E}/drafts/${id}`)
  assert.match(text.text, /ciphertext/)
  const opened = (await call(plane, `${E}/drafts/${id}/open`, { method: 'POST' })).json as { id: string }
  assert.match((await call(plane, `${E}/open/${opened.id}`)).text, /made-up-secret/)
  const changed = await call(plane, `${E}/drafts/${id}`, {
    method: 'PATCH',
    body: text.text,
    headers: { 'if-match': text.headers.get('etag') ?? '' },
  })
  assert.deepEqual(changed.json, { changeRequestId: id, latestRevisionNumber: 2 })
  const late = await call(plane, `${E}/drafts/${id}`, {
    method: 'PATCH',
    body: 'values: {}',
    headers: { 'if-match': text.headers.get('etag') ?? '' },
  })
  assert.equal(late.status, 409)
  assert.equal((await call(plane, `/api/change-requests/main/${id}/submit`, { method: 'POST', body: '{}' })).status, 204)
  assert.equal((await call(plane, E)).headers.get('pulumi-esc-revision'), '2')
  assert.equal((await call(plane, `/api/change-requests/main/${id}/apply`, { method: 'POST' })).status, 204)
  assert.equal((await call(plane, E)).headers.get('pulumi-esc-revision'), '3')
  assert.equal((await call(plane, `/api/change-requests/main/${id}/apply`, { method: 'POST' })).status, 409)
})

test('secrets are sealed and opened for an environment by themselves', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const plaintexts = [Buffer.from('made-up-secret').toString('base64')]
  const sealed = await call(plane, `${E}/encrypt-secrets`, { method: 'POST', body: JSON.stringify({ plaintexts }) })
  const { ciphertexts } = sealed.json as { ciphertexts: string[] }
  const opened = await call(plane, `${E}/decrypt-secrets`, { method: 'POST', body: JSON.stringify({ ciphertexts }) })
  assert.deepEqual(opened.json, { plaintexts })
  const saved = await call(plane, E, { method: 'PATCH', body: `values: {pw: {fn::secret: {ciphertext: ${ciphertexts[0]}}}}\n` })
  assert.equal(saved.status, 200)
  assert.equal((await call(plane, `${E}/decrypt-secrets`, { method: 'POST', body: '{"ciphertexts":["bm90aGluZw=="]}' })).status, 400)
})

test('bodies are read by their route: gzip, any content type, and none at all', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const zipped = await call(plane, E, { method: 'PATCH', body: gzipSync('values: {a: 9}\n'), headers: { 'content-encoding': 'gzip' } })
  assert.equal(zipped.status, 200)
  const typed = await call(plane, E, {
    method: 'PATCH',
    body: 'values: {a: 10}\n',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(typed.status, 200)
  assert.equal((await call(plane, `${E}/open`, { method: 'POST', headers: { 'content-type': 'application/json' } })).status, 200)
  assert.equal((await call(plane, E, { method: 'PATCH', body: 'no gzip', headers: { 'content-encoding': 'gzip' } })).status, 400)
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  assert.equal((await call(plane, E, { method: 'PATCH', body: bomb, headers: { 'content-encoding': 'gzip' } })).status, 413)
  assert.equal((await call(plane, E)).text, 'values: {a: 10}\n')
})
