import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireRoutes } from '@headgate/server'
import { seed, times } from '../proving.ts'
import { servePlane } from '../plane/served-plane.ts'
import { call, seedEnvironment } from './wire-kit.ts'

/** A path of a route with names that are there, or are not. */
function pathOf(path: string): string {
  const names: Record<string, string> = { org: 'main', project: 'shop', env: 'dev', version: '2' }
  return `/api${path.replace(/:(\w+)/g, (_, name: string) => names[name] ?? 'unknown')}`
}

const signedIn = wireRoutes.filter(({ open }) => !open)

test('no route of the protocol answers without a token, or with one that is not known', async (t) => {
  const plane = await servePlane(t)
  for (const { method, path } of signedIn) {
    for (const token of [null, 'made-up-token']) {
      const answer = await call(plane, pathOf(path), { method, token })
      assert.deepEqual([answer.status, (answer.json as { code: number }).code], [401, 401], `${method} ${path}`)
    }
  }
})

test('a principal without any right hears of an environment on no route that it is there', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  const nobody = await plane.user('nobody', [{ effect: 'allow', permissions: ['*'], environments: ['main/other/*'] }])
  for (const { method, path } of signedIn.filter(({ path: each }) => each.includes(':env'))) {
    const body = method === 'GET' ? {} : { body: BODIES[`${method} ${path.split('/:env')[1] ?? ''}`] ?? '{}' }
    const answer = await call(plane, pathOf(path), { method, token: nobody.token.reveal(), ...body })
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.text}`)
    assert.doesNotMatch(answer.text, /values/)
  }
})

/** Bodies that fit, so that it is the right that is refused and not the shape. */
const BODIES: Readonly<Record<string, string>> = {
  'POST /clone': '{"name":"copy"}',
  'POST /open/request': '{"grantExpirationSeconds":60,"accessDurationSeconds":60}',
  'PUT /open/request/:draft': '{"grantExpirationSeconds":60,"accessDurationSeconds":60}',
  'POST /ownership': '{"githubLogin":"owner"}',
  'POST /hooks': '{"displayName":"x","payloadUrl":"https://hooks.example.org"}',
  'POST /schedules': '{"scheduleCron":"0 0 * * *"}',
  'POST /encrypt-secrets': '{"plaintexts":[]}',
  'POST /decrypt-secrets': '{"ciphertexts":[]}',
  'POST /tags': '{"name":"a","value":"b"}',
  'POST /versions/tags': '{"name":"a","revision":1}',
}

test('a principal who may only read changes nothing and opens nothing', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane, 'values:\n  pw: {fn::secret: made-up-secret}\n')
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  const harmless = new Set(['POST /check', 'POST /versions/:version/check', 'POST /open/request'])
  for (const { method, path } of signedIn.filter(({ path: each }) => each.includes(':env'))) {
    const rest = `${method} ${path.split('/:env')[1] ?? ''}`
    const answer = await call(plane, pathOf(path), {
      method,
      token: reader.token.reveal(),
      ...(method === 'GET' ? {} : { body: BODIES[rest] ?? '{}' }),
    })
    assert.doesNotMatch(answer.text, /made-up-secret/, rest)
    if (method === 'GET' || harmless.has(rest)) continue
    assert.ok(answer.status >= 400 && answer.status < 500, `${rest} answered ${answer.status} ${answer.text}`)
  }
  assert.equal((await call(plane, '/api/esc/environments/main/shop/dev')).headers.get('pulumi-esc-revision'), '2')
})

test('what is unknown below the protocol is a 404 whose body says so, and nothing else is', async (t) => {
  const plane = await servePlane(t)
  for (const path of ['/api/console/orgs/main', '/api/stacks/main/shop/dev', '/api/esc/cloudsetup/main/aws/setup', '/api/agents/signup']) {
    const answer = await call(plane, path)
    assert.deepEqual([answer.status, (answer.json as { code: number }).code], [404, 404], path)
  }
  const native = await call(plane, '/api/v1/nothing')
  assert.equal((native.json as { code: string }).code, 'ROUTE_UNKNOWN')
})

test('bodies and paths at random are refused or taken, never broken by, and not repeated', async (t) => {
  const plane = await servePlane(t)
  await seedEnvironment(plane)
  let state = seed
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state % below
  }
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T
  const words = [
    '..',
    '%00',
    '%2e%2e%2f',
    'a'.repeat(300),
    '%ff',
    'latest',
    '0',
    '-1',
    '9'.repeat(30),
    "'",
    '%22',
    'tags',
    'yaml',
    '{}',
    'dev',
  ]
  const bodies = [
    '',
    '{',
    '[]',
    'null',
    '"made-up-secret"',
    '{"name":{"made-up-secret":1}}',
    '{"value":5,"revision":"made-up-secret"}',
    'values: {pw: {fn::secret: [made-up-secret]}}',
    '\u0000',
    '{"paths":[1]}',
    '{"currentTag":null,"newTag":7}',
    '{"ciphertexts":[{}]}',
    '{"scheduleCron":"* * * * * made-up-secret"}',
    '{"payloadUrl":"http://169.254.169.254/made-up-secret","displayName":"x"}',
  ]
  for (let round = 0; round < times({ short: 600, long: 20_000 }); round++) {
    const route = pick(signedIn)
    const path = `/api${route.path.replace(/:(\w+)/g, (_, name: string) => (name === 'org' && next(4) > 0 ? 'main' : next(2) === 0 ? pick(words) : name === 'project' ? 'shop' : name === 'env' ? 'dev' : pick(words)))}`
    const query =
      next(2) === 0
        ? ''
        : `?${pick(['before', 'count', 'duration', 'property', 'after', 'showSecrets', 'continuationToken'])}=${pick(words)}`
    const body = route.method === 'GET' ? {} : { body: pick(bodies) }
    const answer = await call(plane, path + query, { method: route.method, ...body })
    assert.ok(answer.status < 500, `seed ${seed}: ${route.method} ${path}${query} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`)
    // Two dots lead out of the protocol, as they do in any URL.
    const isWire = /^\/api\/(?!v1\/)/.test(new URL(path, plane.url).pathname)
    const code = (answer.json as { code?: number | string } | undefined)?.code
    if (answer.status >= 400) assert.equal(code, isWire ? answer.status : 'ROUTE_UNKNOWN', `${path}: ${answer.text}`)
    if (answer.status >= 400) assert.doesNotMatch(answer.text, /made-up-secret/, `seed ${seed}: ${route.method} ${path}`)
  }
  assert.doesNotMatch(plane.log(), /made-up-secret/)
})
