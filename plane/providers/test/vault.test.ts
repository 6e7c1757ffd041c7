import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaveOut } from '../../../test/left-out.ts'
import { freshSecret, makeProviders, openOne, plain } from './calling.ts'
import { type Asked, type Told, startDouble } from './double.ts'
import { startOpenBao } from './open-bao.ts'
import { providerSuite } from './provider-suite.ts'

const parent = freshSecret()
const child = freshSecret()
const password = freshSecret()

/** A Vault with one parent token, one role for identities, a versioned mount and a plain one. */
function vault(asked: Asked): Told {
  assert.equal(asked.headers['x-vault-request'], 'true')
  const token = asked.headers['x-vault-token']
  if (asked.path === '/v1/auth/token/create') {
    if (token !== parent) return { status: 403, body: { errors: [`permission denied for ${String(token)}`] } }
    const { policies, explicit_max_ttl, display_name, meta } = JSON.parse(asked.body) as Record<string, unknown>
    assert.deepEqual([policies, explicit_max_ttl, display_name, meta], [['kv-read'], '2h', 'headgate', { team: 'shop' }])
    return { body: { auth: { client_token: child } } }
  }
  if (asked.path === '/v1/auth/k8s/jwt/login') {
    const { role, jwt } = JSON.parse(asked.body) as Record<string, string>
    return role === 'deployer' && jwt === 'signed for vault' ? { body: { auth: { client_token: child } } } : { status: 400, body: {} }
  }
  if (token !== child || asked.headers['x-vault-namespace'] !== 'admin/shop')
    return { status: 403, body: { errors: ['permission denied'] } }
  if (asked.path === '/v1/kv/app') return { body: { data: { password, port: 5432 } } }
  if (asked.path === '/v1/secret/data/app?version=2')
    return { body: `{"data":{"data":{"password":"${password}","big":12345678901234567890},"metadata":{"version":2}}}` }
  return { status: 404, body: { errors: [] } }
}

const tokenLogin = (origin: string) => ({
  address: `${origin}/`,
  namespace: 'admin/shop',
  token: { token: parent, maxTtl: '2h', policies: ['kv-read'], metadata: { team: 'shop' } },
})

providerSuite('vault-login', async (t) => {
  const double = await startDouble(t, vault)
  const value = { address: double.origin, namespace: 'admin/shop', token: child }
  return { double, inputs: tokenLogin(double.origin), value, secret: true, secrets: [parent, child] }
})

providerSuite('vault-secrets', async (t) => {
  const double = await startDouble(t, vault)
  return {
    double,
    inputs: {
      login: { address: double.origin, namespace: 'admin/shop', token: child },
      read: {
        plain: { path: 'kv/app' },
        field: { path: '/kv/app', field: 'password' },
        versioned: { path: 'secret/data/app?version=2', field: 'big' },
      },
    },
    value: { plain: { password, port: 5432 }, field: password, versioned: 12345678901234567890n },
    secret: true,
    secrets: [child, password],
  }
})

test('vault-login signs in with the identity of the plane, at any mount', async (t) => {
  const double = await startDouble(t, vault)
  const identity = { token: ({ audience }: { audience: string }) => Promise.resolve(`signed for ${audience}`) }
  const providers = makeProviders(t, { addresses: [double.origin], identity })
  const answer = await openOne(providers, 'vault-login', { address: double.origin, jwt: { role: 'deployer', mount: 'k8s/jwt' } })
  assert.ok('value' in answer, JSON.stringify(answer))
  assert.deepEqual(plain(answer.value), { address: double.origin, token: child })
})

test('vault inputs that cannot be meant are refused before anything is sent', async (t) => {
  const double = await startDouble(t, vault)
  const providers = makeProviders(t, { addresses: [double.origin] })
  const login = { address: double.origin, token: child }
  for (const [name, inputs, expected] of [
    ['vault-login', { address: double.origin }, /one of jwt and token/],
    ['vault-login', { address: `${double.origin}/v1`, token: { token: parent } }, /no path/],
    ['vault-login', { address: 'vault', token: { token: parent } }, /no URL/],
    ['vault-login', { address: double.origin, jwt: { role: 'a', mount: '../sys' } }, /no name of a Vault mount/],
    ['vault-secrets', { login, read: { a: { path: '../sys/seal' } } }, /no path of a Vault secret/],
    ['vault-secrets', { login, read: { a: { path: 'kv/app?list=true' } } }, /no path of a Vault secret/],
    ['vault-secrets', { login, read: { a: { path: '' } } }, /no path of a Vault secret/],
  ] as const) {
    const answer = await openOne(providers, name, inputs)
    assert.ok('failure' in answer && expected.test(answer.failure), JSON.stringify(answer))
  }
  assert.equal(double.asked.length, 0)
})

test('a path, a field or a right that is missing in Vault is named', async (t) => {
  const double = await startDouble(t, vault)
  const providers = makeProviders(t, { addresses: [double.origin] })
  const login = { address: double.origin, namespace: 'admin/shop', token: child }
  const failure = async (read: unknown, using: unknown = login) => {
    const answer = await openOne(providers, 'vault-secrets', { login: using, read })
    return 'failure' in answer ? answer.failure : ''
  }
  assert.match(await failure({ a: { path: 'kv/nothing' } }), /nothing for kv\/nothing \(404\)/)
  assert.match(await failure({ a: { path: 'kv/app', field: 'user' } }), /no field "user"/)
  assert.match(await failure({ a: { path: 'kv/app' } }, { ...login, token: parent }), /does not permit kv\/app .*403/)
})

/** Where an OpenBao or Vault program is named, the same is done with the real one. */
test('a real OpenBao gives the same', async (t) => {
  const program = process.env['BAO_BIN']
  if (!program) return leaveOut('a real OpenBao', 'BAO_BIN names no OpenBao or Vault program', t)
  const bao = await startOpenBao(t, program)
  await bao.write('secret/data/app', { data: { password } })
  const providers = makeProviders(t, { addresses: [bao.origin], limits: {} })
  const login = await openOne(providers, 'vault-login', { address: bao.origin, token: { token: bao.rootToken } })
  assert.ok('value' in login, JSON.stringify(login))
  const answer = await openOne(providers, 'vault-secrets', {
    login: login.value,
    read: { a: { path: 'secret/data/app', field: 'password' } },
  })
  assert.ok('value' in answer, JSON.stringify(answer))
  assert.deepEqual(plain(answer.value), { a: password })
})
