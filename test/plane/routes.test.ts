import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Route, type RouteName, errorsOf, routes } from '@headgate/contract'
import { type ErrorCode, errorEntry } from '@headgate/model'
import { type Said, askRoute as request } from './ask-route.ts'
import { misfits, pathOf } from './fitting-request.ts'
import { main, servePlane } from './served-plane.ts'

const names = Object.keys(routes) as RouteName[]
const tokenless = names.filter((name) => (routes[name] as Route).permission !== 'public')

/** Sees that a refusal is one the route's contract names, with the status the catalogue has for it. */
function assertNamed(name: RouteName, { status, code, text }: Said): void {
  if (status < 400) return
  const route: Route = routes[name]
  assert.ok((errorsOf(route) as readonly string[]).includes(code), `${name} answered ${code}, which its contract does not name: ${text}`)
  assert.equal(status, errorEntry(code as ErrorCode).status, `${name} ${code}`)
}

test('no route but the public ones answers without a token, or with one that is not known', async (t) => {
  const plane = await servePlane(t)
  for (const name of tokenless) {
    const missing = await request(plane, name, {})
    assert.deepEqual([missing.status, missing.code], [401, 'TOKEN_MISSING'], name)
    assert.equal((await request(plane, name, { token: 'hg_user_made-up' })).code, 'TOKEN_INVALID', name)
  }
})

test('a principal without any right is told that nothing is there, or that it may not', async (t) => {
  const plane = await servePlane(t)
  await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} })
  const nobody = await plane.user('nobody', [{ effect: 'allow', permissions: ['read'], environments: ['main/other/*'] }])
  const token = nobody.token.reveal()
  for (const name of tokenless.filter((candidate) => (routes[candidate] as Route).on !== 'nothing')) {
    const { status, code } = await request(plane, name, { token })
    assert.ok(code === 'ENV_NOT_FOUND' || code === 'PERMISSION_DENIED', `${name} answered ${status} ${code}`)
  }
})

test('whoever may only read is denied all that needs more, route by route', async (t) => {
  const plane = await servePlane(t)
  await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} })
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  const beyond = tokenless.filter((name) => !['any', 'read'].includes((routes[name] as Route).permission))
  for (const name of beyond) {
    const said = await request(plane, name, { token: reader.token.reveal() })
    assert.equal(said.code, 'PERMISSION_DENIED', `${name} answered ${said.status} ${said.text}`)
  }
  assert.ok(beyond.length > 20)
})

test('what fits no route is refused by a code the route names, without repeating it', async (t) => {
  const plane = await servePlane(t)
  await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} })
  const token = plane.ownerToken.reveal()
  const found: string[] = []
  const look = (name: RouteName, said: Said): void => {
    // What the kit answers for releases, of which there are none here.
    if (said.text.includes('there is no release none')) return
    try {
      assert.ok(said.status < 500, `${name} answered ${said.status} ${said.text}`)
      assertNamed(name, said)
    } catch (error) {
      found.push((error as Error).message)
    }
  }
  for (const name of names) {
    for (const body of misfits(name)) look(name, await request(plane, name, { token, body }))
    if (!routes[name].path.includes(':')) continue
    for (const fill of ['a/b', 'x'.repeat(500), '\u0000', '%00', 'ünï', '__proto__']) {
      const said = await request(plane, name, { token, path: pathOf(name, fill) })
      if (said.code !== 'ROUTE_UNKNOWN') look(name, said)
    }
  }
  assert.deepEqual([...new Set(found)], [])
  assert.doesNotMatch(plane.log(), /made-up-secret/)
})

test('an unknown path is answered like every other refusal', async (t) => {
  const { url } = await servePlane(t)
  const response = await fetch(`${url}/api/v1/nothing?token=made-up`)
  const answer = (await response.json()) as { code: string; message: string }
  assert.equal(response.status, 404)
  assert.equal(answer.code, 'ROUTE_UNKNOWN')
  assert.doesNotMatch(answer.message, /made-up/)
})

test('an unknown path is said to be unknown whatever is sent to it', async (t) => {
  const { url } = await servePlane(t)
  const codes: unknown[] = []
  for (const path of ['/nothing', '/api/v1/nothing', '/api/esc/nothing']) {
    for (const body of ['{"a":1}', '{', 'x'.repeat(5_000_000)]) {
      const response = await fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
      codes.push(`${response.status} ${((await response.json()) as { code: unknown }).code}`)
    }
  }
  const native = Array.from({ length: 6 }, () => '404 ROUTE_UNKNOWN')
  assert.deepEqual(codes, [...native, '404 404', '404 404', '404 404'])
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
