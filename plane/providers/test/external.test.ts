import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { IdentityRequest } from '../src/identity.ts'
import { context, freshSecret, inputsOf, makeProviders, plain } from './calling.ts'
import { type Asked, startDouble } from './double.ts'
import { providerSuite } from './provider-suite.ts'

const key = freshSecret()
/** An identity whose tokens are the claims in plain sight. */
const identity = { token: ({ audience, claims }: IdentityRequest) => Promise.resolve(JSON.stringify({ audience, ...claims })) }

/** An adapter that checks what it is told about the request, as the protocol asks of it. */
function adapter(asked: Asked) {
  const claims = JSON.parse((asked.headers.authorization ?? '').replace('Bearer ', '') || '{}') as Record<string, string>
  const hash = `sha256-${createHash('sha256').update(asked.body).digest('base64')}`
  if (claims['body_hash'] !== hash || claims['audience'] !== `http://${asked.headers.host}${asked.path}`) return { status: 401, body: {} }
  const body = JSON.parse(asked.body) as { wanted?: string; request?: { account: string }; state?: { key: string } | null }
  if (body.request) return { body: { key: `${body.state?.key ?? 'none'} then new`, account: body.request.account } }
  return { body: { key, asked: body.wanted ?? 'nothing' } }
}

providerSuite('external', async (t) => {
  const double = await startDouble(t, adapter)
  return {
    double,
    settings: { identity },
    inputs: { url: `${double.origin}/secrets?from=here`, request: { wanted: 'api-keys', exact: 1 } },
    value: { response: { key, asked: 'api-keys' } },
    secret: true,
    secrets: [key],
  }
})

test('external sends an empty object where nothing is requested, and gives an open answer where that is said', async (t) => {
  const double = await startDouble(t, adapter)
  const provider = makeProviders(t, { addresses: [double.origin], identity }).provider('external')
  assert.ok(!('failure' in provider))
  const answer = await provider.open(inputsOf({ url: `${double.origin}/`, secret: false }), context)
  assert.deepEqual(answer, { value: { response: { key, asked: 'nothing' } }, secret: false })
})

test('external asks over https alone, unless the operator lists an address with http', async (t) => {
  const provider = makeProviders(t, { addresses: ['https://adapter.example.org'], identity }).provider('external')
  assert.ok(!('failure' in provider))
  const answer = await provider.open(inputsOf({ url: 'http://adapter.example.org/secrets' }), context)
  assert.ok('failure' in answer && /https only/.test(answer.failure))
})

test('the external rotator makes a state from the one before, once, and opens what the state holds', async (t) => {
  const double = await startDouble(t, adapter)
  const rotator = makeProviders(t, { addresses: [double.origin], identity }).rotator('external')
  assert.ok(!('failure' in rotator))
  const inputs = inputsOf({ url: `${double.origin}/rotate`, request: { account: 'shop' } })
  const first = await rotator.rotate(inputs, null, context)
  assert.deepEqual(first, { value: { current: { key: 'none then new', account: 'shop' } }, secret: true })
  const state = inputsOf({ current: { key: 'first', account: 'shop' } })
  const second = await rotator.rotate(inputs, state, context)
  assert.deepEqual(second, { value: { current: { key: 'first then new', account: 'shop' } }, secret: true })
  const opened = await rotator.open(inputs, state, context)
  assert.ok('value' in opened)
  assert.deepEqual(JSON.parse(JSON.stringify(plain(opened.value))), { current: { key: 'first', account: 'shop' } })

  double.misbehave({ status: 500 })
  const before = double.asked.length
  assert.ok('failure' in (await rotator.rotate(inputs, state, context)))
  assert.equal(double.asked.length, before + 1, 'a rotation that may have happened is not asked for again')
})
