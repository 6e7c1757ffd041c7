import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { languageProviders } from '@headgate/operations'
import { createProviders } from '@headgate/providers'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { servePlane } from './served-plane.ts'

const key = `test-only-${randomUUID()}`

/** An adapter as a user writes one: it fetches the plane's keys, and answers only who proves to be the plane. */
async function startAdapter(t: TestContext, keysAt: () => string) {
  const claims: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const token = (request.headers.authorization ?? '').replace('Bearer ', '')
      jwtVerify(token, createRemoteJWKSet(new URL(`${keysAt()}/oidc/.well-known/jwks`)), {
        issuer: 'https://headgate.example.org/oidc',
        audience: `http://${request.headers.host}${request.url}`,
        algorithms: ['RS256'],
        currentDate: new Date(Date.UTC(2026, 0, 1)),
      }).then(
        ({ payload }) => {
          claims.push(payload)
          const good = payload['body_hash'] === `sha256-${createHash('sha256').update(body).digest('base64')}`
          response.writeHead(good ? 200 : 401).end(JSON.stringify({ key, asked: JSON.parse(body.toString()) }))
        },
        () => response.writeHead(401).end(),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, claims }
}

test('a document opens an outside source, signed by the plane, checked with the keys it publishes, its values secret', async (t) => {
  let keysAt = ''
  const adapter = await startAdapter(t, () => keysAt)
  const plane = await servePlane(t, {
    providers: (identity) => languageProviders(createProviders({ identity, addresses: [adapter.origin] })),
  })
  keysAt = plane.url
  const params = { organisation: 'main', project: 'shop', environment: 'production' }
  const text = [
    'values:',
    '  vendor:',
    '    fn::open::external:',
    `      url: ${adapter.origin}/secrets`,
    '      request: { wanted: api-keys }',
    '  environmentVariables:',
    '    API_KEY: ${vendor.response.key}',
    '',
  ].join('\n')
  await plane.owner.call('createEnvironment', { params, body: { text } })
  const answer = await plane.owner.call('openEnvironment', { params })
  assert.ok(answer.ok, JSON.stringify(answer))
  const opened = answer.value
  assert.deepEqual(opened.values, {
    vendor: { response: { key, asked: { wanted: 'api-keys' } } },
    environmentVariables: { API_KEY: key },
  })
  assert.deepEqual(opened.secrets.toSorted(), ['environmentVariables.API_KEY', 'vendor'])
  const [claims] = adapter.claims
  assert.equal(claims?.['sub'], 'pulumi:environments:org:main:env:shop/production')
  assert.equal(claims?.['trigger_user'], 'owner')
  assert.ok(!plane.log().includes(key))

  const discovery = (await (await fetch(`${plane.url}/oidc/.well-known/openid-configuration`)).json()) as Record<string, unknown>
  assert.equal(discovery['issuer'], 'https://headgate.example.org/oidc')
  assert.equal(discovery['jwks_uri'], 'https://headgate.example.org/oidc/.well-known/jwks')
  const published = await (await fetch(`${plane.url}/oidc/.well-known/jwks`)).text()
  assert.ok(!/"(d|p|q|dp|dq|qi)"/.test(published), 'the private half is not published')
})

test('a source that fails is a diagnostic at the call, and nothing is opened', async (t) => {
  const plane = await servePlane(t, { providers: (identity) => languageProviders(createProviders({ identity, addresses: [] })) })
  const params = { organisation: 'main', project: 'shop', environment: 'production' }
  const text =
    'values:\n  a:\n    fn::open::vault-secrets:\n      login: { address: https://vault.example.org, token: x }\n      read: { b: { path: kv/b } }\n'
  await plane.owner.call('createEnvironment', { params, body: { text } })
  const answer = await plane.owner.call('openEnvironment', { params })
  assert.ok(!answer.ok)
  const [first] = answer.problem.diagnostics ?? []
  assert.match(first?.message ?? '', /operator does not allow calls to https:\/\/vault\.example\.org/)
  assert.ok(first?.range)
})
