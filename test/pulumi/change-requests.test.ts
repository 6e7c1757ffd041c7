import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServedPlane } from '../plane/served-plane.ts'
import { servePlane } from '../plane/served-plane.ts'
import { E, call, seedEnvironment } from './wire-kit.ts'

const REQUESTS = '/api/change-requests/main'

async function propose(plane: ServedPlane, text: string, token?: string): Promise<string> {
  const made = await call(plane, `${E}/drafts`, { method: 'POST', body: text, ...(token === undefined ? {} : { token }) })
  assert.equal(made.status, 200, made.text)
  return (made.json as { changeRequestId: string }).changeRequestId
}

/** Whoever writes and cannot approve, and whoever approves and cannot write. */
async function people(plane: ServedPlane) {
  const all = ['main/*/*']
  const writer = await plane.user('writer', [{ effect: 'allow', permissions: ['read', 'write', 'open'], environments: all }])
  const approver = await plane.user('approver', [{ effect: 'allow', permissions: ['read', 'approve'], environments: all }])
  return { writer: writer.token.reveal(), approver: approver.token.reveal() }
}

test('what one proposes another approves, and then whoever may write makes it a revision', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const { writer, approver } = await people(plane)
  const id = await propose(plane, 'values: {a: 2}\n', writer)
  const say = async (token: string, verb: string, method = 'POST', body = '{}') =>
    (await call(plane, `${REQUESTS}/${id}/${verb}`, { method, token, body })).status
  const status = async () => {
    const read = await call(plane, `${REQUESTS}/${id}`)
    const { status: found, gateEvaluation } = read.json as { status: string; gateEvaluation: { satisfied: boolean } }
    return [found, gateEvaluation.satisfied]
  }
  assert.deepEqual(await status(), ['draft', false])
  assert.equal(await say(writer, 'submit', 'POST', '{"description":"a larger a"}'), 204)
  assert.deepEqual(await status(), ['pending', false])
  assert.equal(await say(writer, 'apply'), 403)
  assert.equal(await say(writer, 'approve'), 403)
  assert.equal(await say(approver, 'approve', 'POST', '{"comment":"good","revisionNumber":7}'), 409)
  assert.equal(await say(approver, 'approve', 'POST', '{"comment":"good","revisionNumber":1}'), 204)
  assert.deepEqual(await status(), ['ready', true])
  assert.equal(await say(approver, 'apply'), 403)

  // Another text is another thing to approve.
  const tag = (await call(plane, `${E}/drafts/${id}`)).headers.get('etag') ?? ''
  const changed = await call(plane, `${E}/drafts/${id}`, {
    method: 'PATCH',
    token: writer,
    body: 'values: {a: 3}\n',
    headers: { 'if-match': tag },
  })
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual(await status(), ['pending', false])
  assert.equal(await say(writer, 'apply'), 403)
  assert.equal(await say(approver, 'approve'), 204)
  assert.equal(await say(approver, 'approve', 'DELETE'), 204)
  assert.equal(await say(writer, 'apply'), 403)
  assert.equal(await say(approver, 'approve'), 204)
  assert.equal(await say(writer, 'apply'), 204)
  assert.equal((await call(plane, E)).text, 'values: {a: 3}\n')
  assert.deepEqual(await status(), ['applied', true])
  assert.equal(await say(approver, 'comments', 'POST', '{"comment":"late"}'), 409)

  const { events } = (await call(plane, `${REQUESTS}/${id}/events`)).json as {
    events: { eventType: string; newStatus?: string; comment?: string; revisionNumber: number }[]
  }
  assert.deepEqual(
    events.map(({ eventType, newStatus, comment, revisionNumber }) => [eventType, newStatus ?? comment ?? '', revisionNumber]),
    [
      ['revision_added', '', 1],
      ['status_changed', 'pending', 1],
      ['approved', 'good', 1],
      ['revision_added', '', 2],
      ['approved', '', 2],
      ['unapproved', '', 2],
      ['approved', '', 2],
      ['status_changed', 'applied', 2],
    ],
  )
})

test('nobody approves their own draft for somebody else to apply, and a lost right takes its approvals along', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const { writer, approver } = await people(plane)
  const both = await plane.user('both', [{ effect: 'allow', permissions: ['read', 'write', 'approve'], environments: ['main/*/*'] }])
  const own = await propose(plane, 'values: {a: 2}\n', both.token.reveal())
  assert.equal((await call(plane, `${REQUESTS}/${own}/approve`, { method: 'POST', token: both.token.reveal() })).status, 204)
  assert.equal((await call(plane, `${REQUESTS}/${own}/apply`, { method: 'POST', token: writer })).status, 403)

  const id = await propose(plane, 'values: {a: 2}\n', writer)
  assert.equal((await call(plane, `${REQUESTS}/${id}/approve`, { method: 'POST', token: approver })).status, 204)
  const role = await plane.plane.store.roles.get(plane.plane.organisation.id, 'role-of-approver')
  const statements = JSON.stringify([{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  await plane.write([{ op: 'update', table: 'roles', row: { ...role, statements }, was: role?.change } as never])
  assert.equal((await call(plane, `${REQUESTS}/${id}/apply`, { method: 'POST', token: writer })).status, 403)
})

test('change requests are listed a page at a time, described, commented and closed', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const ids = [await propose(plane, 'values: {a: 2}\n'), await propose(plane, 'values: {a: 3}\n')]
  const [first = ''] = ids
  const found: string[] = []
  for (let token: string | null = ''; token !== null;) {
    const page = await call(plane, `${REQUESTS}?maxResults=1&continuationToken=${token}`)
    const { changeRequests, continuationToken } = page.json as { changeRequests: { id: string }[]; continuationToken: string | null }
    found.push(...changeRequests.map(({ id }) => id))
    token = continuationToken
  }
  assert.deepEqual(found.toSorted(), ids.toSorted())
  assert.equal((await call(plane, `${REQUESTS}/${first}`, { method: 'PATCH', body: '{"description":"why"}' })).status, 204)
  assert.equal((await call(plane, `${REQUESTS}/${first}/comments`, { method: 'POST', body: '{"comment":"no"}' })).status, 204)
  assert.equal((await call(plane, `${REQUESTS}/${first}/comments`, { method: 'POST', body: '{}' })).status, 400)
  assert.equal((await call(plane, `${REQUESTS}/${first}/close`, { method: 'POST', body: '{"comment":"not now"}' })).status, 204)
  const read = (await call(plane, `${REQUESTS}/${first}`)).json as { status: string; description: string; entity: object; action: string }
  assert.deepEqual([read.status, read.description, read.action], ['closed', 'why', 'update'])
  assert.deepEqual(read.entity, { entityType: 'environment', id: 'shop/dev', project: 'shop', name: 'dev' })
  assert.equal((await call(plane, '/api/change-requests/other')).status, 404)
  const outsider = await plane.user('outsider', [{ effect: 'allow', permissions: ['*'], environments: ['main/other/*'] }])
  const theirs = await call(plane, REQUESTS, { token: outsider.token.reveal() })
  assert.deepEqual((theirs.json as { changeRequests: unknown[] }).changeRequests, [])
  for (const rest of ['', '/events']) {
    assert.equal((await call(plane, `${REQUESTS}/${first}${rest}`, { token: outsider.token.reveal() })).status, 404)
  }
})

test('whoever asked for access may ask for another time, and nobody else', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  const token = reader.token.reveal()
  const asked = await call(plane, `${E}/open/request`, {
    method: 'POST',
    token,
    body: '{"grantExpirationSeconds":600,"accessDurationSeconds":60}',
  })
  const id = (asked.json as { changeRequests: { changeRequestId: string }[] }).changeRequests[0]?.changeRequestId ?? ''
  const body = '{"grantExpirationSeconds":600,"accessDurationSeconds":30}'
  assert.equal((await call(plane, `${E}/open/request/${id}`, { method: 'PUT', body })).status, 404)
  const changed = await call(plane, `${E}/open/request/${id}`, { method: 'PUT', token, body })
  assert.deepEqual(changed.json, { changeRequestId: id, latestRevisionNumber: 2 })
  assert.deepEqual((await call(plane, `${E}/open/request/${id}`, { token })).json, {
    grantExpirationSeconds: 600,
    accessDurationSeconds: 30,
  })
  assert.equal(((await call(plane, `${REQUESTS}/${id}`)).json as { action: string }).action, 'open')
  assert.equal((await call(plane, `${REQUESTS}/${id}/apply`, { method: 'POST' })).status, 204)
  assert.equal((await call(plane, `${E}/open`, { method: 'POST', token })).status, 200)
  assert.equal((await call(plane, `${E}/open/request/${id}`, { method: 'PUT', token, body })).status, 409)
  plane.time += 31_000
  assert.equal((await call(plane, `${E}/open`, { method: 'POST', token })).status, 403)
})

test('an access request is granted within the rules of roles: nobody gives longer than they hold, and no role is made', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  const granter = await plane.user('granter', [{ effect: 'allow', permissions: ['read', 'open', 'approve'], environments: ['main/*/*'] }])
  const [binding] = (await plane.plane.store.bindings.ofRole(plane.plane.organisation.id, 'role-of-granter')) ?? []
  await plane.write([
    { op: 'update', table: 'bindings', row: { ...binding, expires_at: plane.time + 60_000 }, was: binding?.change } as never,
  ])
  const roles = (await plane.plane.store.roles.list(plane.plane.organisation.id)).length
  const ask = async (seconds: number) => {
    const body = `{"grantExpirationSeconds":600,"accessDurationSeconds":${seconds}}`
    const asked = await call(plane, `${E}/open/request`, { method: 'POST', token: reader.token.reveal(), body })
    const [made] = (asked.json as { changeRequests: { changeRequestId: string }[] }).changeRequests
    return call(plane, `${REQUESTS}/${made?.changeRequestId}/apply`, { method: 'POST', token: granter.token.reveal() })
  }
  assert.equal((await ask(120)).status, 403)
  assert.equal((await ask(30)).status, 204)
  assert.equal((await plane.plane.store.roles.list(plane.plane.organisation.id)).length, roles)
})

test('an environment is handed to somebody who is there, and is shown as theirs', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  await plane.user('keeper', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  const ownerOf = async () => {
    const { environments } = (await call(plane, '/api/esc/environments/main')).json as {
      environments: { ownedBy: { githubLogin: string } }[]
    }
    return environments[0]?.ownedBy.githubLogin
  }
  assert.equal(await ownerOf(), 'owner')
  const handed = await call(plane, `${E}/ownership`, { method: 'POST', body: '{"githubLogin":"keeper"}' })
  assert.deepEqual(handed.json, { githubLogin: 'keeper', name: 'keeper', avatarUrl: '' })
  assert.equal(await ownerOf(), 'keeper')
  assert.equal(((await call(plane, `${E}/metadata`)).json as { ownedBy: { name: string } }).ownedBy.name, 'keeper')
  assert.equal((await call(plane, `${E}/ownership`, { method: 'POST', body: '{"githubLogin":"nobody-known"}' })).status, 404)
})

test('a list of many environments opens each text once at most, and none of those that stayed', async (t) => {
  const plane = await servePlane(t)
  for (let n = 0; n < 40; n += 1) {
    const name = `e${String(n).padStart(2, '0')}`
    await call(plane, '/api/esc/environments/main', { method: 'POST', body: JSON.stringify({ project: 'many', name }) })
    await call(plane, `/api/esc/environments/main/many/${name}`, {
      method: 'PATCH',
      body: n === 0 ? 'values: {}\n' : 'imports: [many/e00]\n',
    })
  }
  const opened: number[] = []
  const { openText } = plane.plane.vault
  let count = 0
  Object.assign(plane.plane.vault, { openText: (...words: Parameters<typeof openText>) => ((count += 1), openText(...words)) })
  const list = async () => {
    count = 0
    const listed = (await call(plane, '/api/esc/environments/main')).json as {
      environments: { name: string; referrerMetadata: { environmentReferrerCount: number } }[]
    }
    opened.push(count)
    return listed.environments.map(({ name, referrerMetadata }) => [name, referrerMetadata.environmentReferrerCount])
  }
  assert.deepEqual((await list())[0], ['e00', 39])
  await list()
  await call(plane, '/api/esc/environments/main/many/e01', { method: 'PATCH', body: 'values: {}\n' })
  assert.deepEqual((await list())[0], ['e00', 38])
  assert.deepEqual(opened, [40, 0, 1])
  const { environments } = (await (
    await fetch(`${plane.url}/api/v1/environments`, { headers: { authorization: `Bearer ${plane.ownerToken.reveal()}` } })
  ).json()) as { environments: unknown[] }
  assert.equal(environments.length, 40)
})

test('what every text finds under `context` is described', async (t) => {
  const plane = await servePlane(t)
  const { schema } = (await call(plane, '/api/esc/context/schema')).json as { schema: { properties: object } }
  assert.deepEqual(Object.keys(schema.properties), ['currentEnvironment', 'pulumi', 'rootEnvironment'])
})
