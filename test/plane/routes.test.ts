import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Route, type RouteName, routes } from '@headgate/contract'
import { errorEntry } from '@headgate/model'
import { type ServedPlane, main, servePlane } from './served-plane.ts'

const names = Object.keys(routes) as RouteName[]
const tokenless = names.filter((name) => (routes[name] as Route).permission !== 'public')

async function request(
  plane: ServedPlane,
  name: RouteName,
  { token, body }: { token?: string; body?: string },
): Promise<{ status: number; code: string }> {
  const route: Route = routes[name]
  const path = route.path
    .replace(':organisation', 'main')
    .replace(':project', 'shop')
    .replace(':environment', 'dev')
    .replace(':hash', '0'.repeat(64))
    .replace(/:\w+/g, 'unknown')
  const headers: Record<string, string> = { 'content-type': 'text/plain' }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  const init: RequestInit = { method: route.method, headers }
  if (body && route.method !== 'GET') init.body = body
  const response = await fetch(plane.url + path, init)
  const answer = (await response.json().catch(() => ({}))) as { code?: string; request?: string }
  if (response.status >= 400) assert.match(answer.request ?? '', /^[0-9a-f-]{36}$/, `${name} names no request id`)
  return { status: response.status, code: answer.code ?? '' }
}

test('no route but the public ones answers without a token, or with one that is not known', async (t) => {
  const plane = await servePlane(t)
  for (const name of tokenless) {
    assert.deepEqual(await request(plane, name, {}), { status: 401, code: 'TOKEN_MISSING' }, name)
    assert.equal((await request(plane, name, { token: 'hg_user_made-up' })).code, 'TOKEN_INVALID', name)
  }
})

test('a principal without any right is told that nothing is there, or that it may not', async (t) => {
  const plane = await servePlane(t)
  await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} })
  const nobody = await plane.user('nobody', [{ effect: 'allow', permissions: ['read'], environments: ['main/other/*'] }])
  for (const name of tokenless.filter((candidate) => (routes[candidate] as Route).on !== 'nothing')) {
    const { status, code } = await request(plane, name, { token: nobody.token.reveal(), body: bodyOf[name] ?? '' })
    assert.ok(code === 'ENV_NOT_FOUND' || code === 'PERMISSION_DENIED', `${name} answered ${status} ${code}`)
  }
})

/** Bodies that fit, so that the refusal is of the right and not of the shape. */
const bodyOf: { readonly [K in RouteName]?: string } = {
  saveEnvironment: '{"text":"values: {}","expected":1}',
  checkEnvironment: '{"text":""}',
  moveTag: '{"revision":1}',
  createBackup: '{"passphrase":"made up for this test"}',
  createRelease: '{"file":{"name":"headgate.yaml","text":""},"artifacts":{}}',
  createDeployment: '{"release":"x"}',
  rollBack: '{"to":"previous"}',
  createEnvironment: '{}',
  planDeployment: '{}',
  abortDeployment: '{}',
}

test('a body that is no JSON, or none of the right shape, is refused without repeating it', async (t) => {
  const plane = await servePlane(t)
  const withBody = names.filter((name) => ['PUT', 'POST'].includes(routes[name].method) && (routes[name] as Route).body !== 'bytes')
  const token = plane.ownerToken.reveal()
  for (const name of withBody) {
    for (const body of ['{"made-up-secret', '["made-up-secret"]', '{"text":5,"to":7,"entries":1,"environments":0,"revision":"x"}']) {
      const { status, code } = await request(plane, name, { token, body })
      assert.ok(status < 500, `${name} answered ${status} ${code} to ${body}`)
    }
  }
  assert.doesNotMatch(plane.log(), /made-up-secret/)
})

test('every refusal of a route is one its contract names', async (t) => {
  const plane = await servePlane(t)
  const { code, status } = await request(plane, 'readEnvironment', { token: plane.ownerToken.reveal() })
  assert.equal(code, 'ENV_NOT_FOUND')
  assert.equal(status, errorEntry('ENV_NOT_FOUND').status)
})

test('an unknown path is answered like every other refusal', async (t) => {
  const { url } = await servePlane(t)
  const response = await fetch(`${url}/api/v1/nothing?token=made-up`)
  const answer = (await response.json()) as { code: string; message: string }
  assert.equal(response.status, 404)
  assert.equal(answer.code, 'ROUTE_UNKNOWN')
  assert.doesNotMatch(answer.message, /made-up/)
})

test('a body beyond the limit of its route is refused', async (t) => {
  const plane = await servePlane(t)
  const body = JSON.stringify({ revision: 1, filler: 'x'.repeat(200_000) })
  assert.equal((await request(plane, 'moveTag', { token: plane.ownerToken.reveal(), body })).code, 'BODY_TOO_LARGE')
})

test('the status page and the API document are served, and the page allows no foreign script', async (t) => {
  const { url } = await servePlane(t)
  const page = await fetch(`${url}/`)
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.match(await page.text(), /<title>Headgate · main<\/title>/)
  const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as { openapi: string; paths: object }
  assert.equal(document.openapi, '3.1.0')
  const paths = new Set(names.map((name) => routes[name].path.replace(/:(\w+)/g, '{$1}')))
  assert.deepEqual(new Set(Object.keys(document.paths)), paths)
})
