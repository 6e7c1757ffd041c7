import assert from 'node:assert/strict'
import { type KeyObject, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import { createPlaneClient } from '@headgate/sdk/http'
import { type ServedPlane, codeOf, need, servePlane } from './served-plane.ts'

/** An issuer on loopback: its configuration and keys over HTTP, and tokens signed by it, as wrong as a test likes. */
interface Issuer {
  readonly url: string
  /** Requests that were made of it, by path. */
  readonly asked: string[]
  /** Takes another key from now on; the earlier one is gone from the set. */
  rotate(): void
  fail: 'no' | 'status' | 'redirect' | 'large' | 'garbage'
  readonly publicKey: KeyObject
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: KeyObject | string): string
}

const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })

/** A JWT as it is said to be made: by RSA with a key, by HMAC with a text, and without either by nobody. */
function jwt(header: Record<string, unknown>, claims: Record<string, unknown>, key?: KeyObject | string): string {
  const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url')
  const signed = `${part(header)}.${part(claims)}`
  const signature =
    typeof key === 'string' ? createHmac('sha256', key).update(signed).digest() : key && sign('sha256', Buffer.from(signed), key)
  return `${signed}.${signature ? signature.toString('base64url') : ''}`
}

async function startIssuer(context: TestContext, time: () => number): Promise<Issuer> {
  let pair = keyPair()
  let number = 1
  const asked: string[] = []
  const state = { fail: 'no' as Issuer['fail'] }
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const send = (json: unknown) => response.end(JSON.stringify(json))
    if (state.fail === 'status') return void response.writeHead(500).end()
    if (state.fail === 'redirect') return void response.writeHead(302, { location: `${url}/elsewhere` }).end()
    if (state.fail === 'large') return void response.end('x'.repeat(1024 * 1024))
    if (state.fail === 'garbage') return void response.end('<html>')
    if (request.url === '/.well-known/openid-configuration') return send({ issuer: url, jwks_uri: `${url}/keys` })
    return send({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: `key-${number}`, alg: 'RS256', use: 'sig' }] })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    asked,
    get publicKey() {
      return pair.publicKey
    },
    get fail() {
      return state.fail
    },
    set fail(value) {
      state.fail = value
    },
    rotate() {
      pair = keyPair()
      number++
    },
    token: (claims = {}, header = {}, key = pair.privateKey) => {
      const now = Math.floor(time() / 1000)
      const usual = {
        iss: url,
        aud: 'headgate',
        sub: 'repo:acme/shop:ref:refs/heads/main',
        iat: now,
        exp: now + 300,
        jti: randomBytes(8).toString('hex'),
      }
      const payload = Object.fromEntries(Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined))
      return jwt({ alg: 'RS256', kid: `key-${number}`, ...header }, payload, key)
    },
  }
}

async function ground(context: TestContext, rule: Record<string, unknown> = {}) {
  const clock = { now: (): number => Date.UTC(2026, 0, 1) }
  const issuer = await startIssuer(context, () => clock.now())
  const plane = await servePlane(context, { issuers: [issuer.url] })
  clock.now = () => plane.time
  need(await plane.owner.call('createPrincipal', { body: { name: 'ci', kind: 'machine' } }))
  need(await plane.owner.call('createBinding', { body: { subject: { kind: 'principal', name: 'ci' }, role: 'developer' } }))
  const body = { name: 'shop', issuer: issuer.url, audience: 'headgate', claims: { sub: ['repo:acme/shop:*'] }, principal: 'ci', ...rule }
  need(await plane.owner.call('createTrustRule', { body }))
  const exchange = async (token: string, more: object = {}) =>
    createPlaneClient({ url: plane.url }).call('exchangeIdentity', { body: { token, ...more } })
  return { plane, issuer, exchange }
}

const signIn = (plane: ServedPlane, token: string) => createPlaneClient({ url: plane.url, token: new Secret(token) }).call('getSession', {})

test('an identity token becomes a token of the machine, for as long as the rule says', async (t) => {
  const { plane, issuer, exchange } = await ground(t, { lifetime: 600, limit: { permissions: ['read'] } })
  const made = need(await exchange(issuer.token()))
  assert.deepEqual(
    { principal: made.principal, rule: made.rule, lifetime: made.lifetime },
    { principal: 'ci', rule: 'shop', lifetime: 600 },
  )
  assert.equal(need(await signIn(plane, made.token)).user, 'ci')
  const client = createPlaneClient({ url: plane.url, token: new Secret(made.token) })
  assert.deepEqual(need(await client.call('listTokens', {})).tokens[0]?.limit, { permissions: ['read'] })
  // It makes no token that lasts longer.
  assert.equal(need(await client.call('createToken', { body: { name: 'more' } })).expires, made.expires)
  plane.time += 601_000
  assert.equal(codeOf(await signIn(plane, made.token)), 'TOKEN_EXPIRED')
  assert.equal(need(await exchange(issuer.token(), { lifetime: 60 })).lifetime, 60)
  const { records } = need(await plane.owner.call('listAudit', { query: { action: 'session.exchange' } }))
  assert.equal(records[0]?.details['subject'], 'repo:acme/shop:ref:refs/heads/main')
  assert.ok(!JSON.stringify(records).includes(made.token))
})

test('hostile identity tokens are refused', async (t) => {
  const { issuer, exchange } = await ground(t)
  const other = keyPair()
  const now = Math.floor(Date.UTC(2026, 0, 1) / 1000)
  const spki = String(issuer.publicKey.export({ format: 'pem', type: 'spki' }))
  const hostile: Record<string, string> = {
    'no signature': jwt({ alg: 'none' }, { iss: issuer.url, aud: 'headgate', sub: 'repo:acme/shop:x', iat: now, exp: now + 60 }),
    'another key': issuer.token({}, {}, other.privateKey),
    'the public key as a shared secret': issuer.token({}, { alg: 'HS256' }, spki),
    'an unknown key': issuer.token({}, { kid: 'key-99' }, other.privateKey),
    'another audience': issuer.token({ aud: 'elsewhere' }),
    'no audience': issuer.token({ aud: undefined }),
    'another issuer': issuer.token({ iss: 'https://issuer.example.org' }),
    'an issuer that looks alike': issuer.token({ iss: `${issuer.url}/` }),
    'the end passed': issuer.token({ iat: now - 600, exp: now - 120 }),
    'no end': issuer.token({ exp: undefined }),
    'made long ago': issuer.token({ iat: now - 7200, exp: now + 86_400 }),
    'not yet valid': issuer.token({ nbf: now + 600 }),
    'made in the future': issuer.token({ iat: now + 600, exp: now + 1200 }),
    'another repository': issuer.token({ sub: 'repo:evil/shop:ref:refs/heads/main' }),
    'a repository that begins alike': issuer.token({ sub: 'repo:acme/shop-evil:ref:refs/heads/main' }),
    'no subject': issuer.token({ sub: undefined }),
    'a subject that is no text': issuer.token({ sub: { toString: 'repo:acme/shop:x' } }),
    'too large': issuer.token({ filler: 'x'.repeat(20_000) }),
    'no token': 'made-up',
    'a cut one': issuer.token().slice(0, -8),
  }
  for (const [what, token] of Object.entries(hostile)) {
    const refused = await exchange(token)
    assert.equal(codeOf(refused), 'IDENTITY_REFUSED', what)
    assert.ok(!JSON.stringify(refused).includes('acme'), what)
  }
  need(await exchange(issuer.token({ iat: now + 30, exp: now + 300 })))
})

test('keys are fetched once, again after a rotation, and a flood of unknown ones costs nothing more', async (t) => {
  const { plane, issuer, exchange } = await ground(t)
  for (let i = 0; i < 5; i++) need(await exchange(issuer.token()))
  assert.equal(issuer.asked.length, 2)
  issuer.rotate()
  plane.time += 31_000
  need(await exchange(issuer.token()))
  assert.equal(issuer.asked.length, 4)
  const other = keyPair()
  const flood = Array.from({ length: 50 }, (_, i) => exchange(issuer.token({}, { kid: `made-up-${i}` }, other.privateKey)))
  for (const refused of await Promise.all(flood)) assert.equal(codeOf(refused), 'IDENTITY_REFUSED')
  assert.equal(issuer.asked.length, 4)
})

test('an issuer that fails is not believed, and asked again later', async (t) => {
  for (const fail of ['status', 'redirect', 'large', 'garbage'] as const) {
    const { plane, issuer, exchange } = await ground(t)
    issuer.fail = fail
    assert.equal(codeOf(await exchange(issuer.token())), 'ISSUER_UNREACHABLE', fail)
    assert.ok(!issuer.asked.includes('/elsewhere'))
    issuer.fail = 'no'
    plane.time += 6_000
    assert.ok((await exchange(issuer.token())).ok, fail)
  }
})

test('where each is taken once, an identity token is not taken twice', async (t) => {
  const { plane, issuer, exchange } = await ground(t, { once: true })
  const token = issuer.token()
  const results = await Promise.all([exchange(token), exchange(token), exchange(token)])
  assert.equal(results.filter((result) => result.ok).length, 1)
  assert.equal(codeOf(await exchange(token)), 'IDENTITY_REFUSED')
  assert.equal(codeOf(await exchange(issuer.token({ jti: undefined }))), 'IDENTITY_REFUSED')
  plane.time += 3_600_000
  need(await exchange(issuer.token()))
  assert.equal((await plane.plane.store.trust.expiredIdentities(plane.time, 10)).length, 0)
})

test('a rule says whom it trusts, and gives no more than its maker has', async (t) => {
  const { plane, issuer, exchange } = await ground(t)
  const rule = (over: object) => ({
    body: { name: 'other', issuer: issuer.url, audience: 'headgate', claims: { sub: ['repo:acme/shop:*'] }, principal: 'ci', ...over },
  })
  const create = async (over: object) => codeOf(await plane.owner.call('createTrustRule', rule(over)))
  assert.equal(await create({ claims: {} }), 'TRUST_INVALID')
  assert.equal(await create({ claims: { sub: ['*'] } }), 'TRUST_INVALID')
  assert.equal(await create({ claims: { environment: ['production'] } }), 'TRUST_INVALID')
  assert.equal(await create({ issuer: 'https://issuer.example.org' }), 'ISSUER_NOT_ALLOWED')
  assert.equal(await create({ principal: 'owner' }), 'TRUST_INVALID')
  assert.equal(await create({ name: 'shop' }), 'TRUST_EXISTS')
  need(await plane.owner.call('createPrincipal', { body: { name: 'ada', kind: 'user' } }))
  need(await plane.owner.call('createBinding', { body: { subject: { kind: 'principal', name: 'ada' }, role: 'admin' } }))
  const { secret } = need(await plane.owner.call('createToken', { body: { principal: 'ada', name: 'test' } }))
  const admin = createPlaneClient({ url: plane.url, token: new Secret(secret) })
  need(await plane.owner.call('createPrincipal', { body: { name: 'ops', kind: 'machine' } }))
  need(await plane.owner.call('createBinding', { body: { subject: { kind: 'principal', name: 'ops' }, role: 'operator' } }))
  assert.equal(codeOf(await admin.call('createTrustRule', rule({ principal: 'ops' }))), 'ACCESS_BEYOND_OWN')
  // Every condition counts, and arrays fit by one of their elements.
  need(await plane.owner.call('createTrustRule', rule({ claims: { sub: ['repo:acme/*'], groups: ['deployers'] }, audience: 'strict' })))
  assert.equal(codeOf(await exchange(issuer.token({ aud: 'strict' }))), 'IDENTITY_REFUSED')
  need(await exchange(issuer.token({ aud: ['x', 'strict'], groups: ['all', 'deployers'] })))
})

test('deleting a rule revokes what was exchanged under it; a suspended machine gets nothing', async (t) => {
  const { plane, issuer, exchange } = await ground(t)
  const made = need(await exchange(issuer.token()))
  need(await plane.owner.call('updatePrincipal', { params: { principal: 'ci' }, body: { suspended: true } }))
  assert.equal(codeOf(await exchange(issuer.token())), 'IDENTITY_REFUSED')
  need(await plane.owner.call('updatePrincipal', { params: { principal: 'ci' }, body: { suspended: false } }))
  assert.ok((await signIn(plane, made.token)).ok)
  assert.equal(need(await plane.owner.call('deleteTrustRule', { params: { rule: 'shop' } })).revokedTokens, 1)
  assert.equal(codeOf(await signIn(plane, made.token)), 'TOKEN_REVOKED')
  assert.equal(codeOf(await exchange(issuer.token())), 'IDENTITY_REFUSED')
})

test('the form of RFC 8693, as Pulumi clients send it, gives a token too', async (t) => {
  const { plane, issuer } = await ground(t, { audience: 'urn:pulumi:org:main' })
  const exchange = async (fields: Record<string, string>) => {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: 'urn:pulumi:org:main',
      requested_token_type: 'urn:pulumi:token-type:access_token:organization',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      ...fields,
    })
    const response = await fetch(`${plane.url}/api/oauth/token`, { method: 'POST', body })
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
  }
  const subject_token = issuer.token({ aud: 'urn:pulumi:org:main' })
  const { status, answer } = await exchange({ subject_token, expiration: '120' })
  assert.equal(status, 200, JSON.stringify(answer))
  assert.equal(answer['token_type'], 'token')
  assert.equal(answer['expires_in'], 120)
  assert.equal(answer['issued_token_type'], 'urn:pulumi:token-type:access_token:organization')
  const user = await fetch(`${plane.url}/api/user`, { headers: { authorization: `token ${String(answer['access_token'])}` } })
  assert.equal(user.status, 200)
  assert.equal((await exchange({ subject_token: 'made-up' })).status, 401)
  assert.equal((await exchange({ subject_token, grant_type: 'refresh_token' })).status, 400)
  assert.equal((await exchange({ subject_token, audience: 'urn:pulumi:org:other' })).status, 401)
})
