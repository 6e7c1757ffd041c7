import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, main, need, servePlane } from './served-plane.ts'

const text = 'values: {key: {fn::secret: not-a-real-secret}}\n'

test('whether the plane is up and ready is public, and says no more', async (t) => {
  const plane = await servePlane(t)
  const health = (await (await fetch(`${plane.url}/health`)).json()) as object
  assert.deepEqual(Object.keys(health).toSorted(), ['organisation', 'started', 'status', 'version'])
  assert.deepEqual(await (await fetch(`${plane.url}/ready`)).json(), { status: 'ready' })
})

test('a plane whose database cannot be read is not ready, and says which part it is', async (t) => {
  const plane = await servePlane(t)
  t.mock.method(plane.plane.store.organisations, 'list', async () => {
    throw new Error('disk')
  })
  const answer = await fetch(`${plane.url}/ready`)
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /PLANE_NOT_READY.*its database cannot be read/)
})

test('figures are for whoever may observe, and for nobody else', async (t) => {
  const plane = await servePlane(t)
  const watcher = await plane.user('prometheus', [{ effect: 'allow', permissions: ['observe'], environments: ['main/*/*'] }])
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/*/*'] }])
  for (const path of ['/metrics', '/api/config/status', '/api/esc/health', '/api/secrets/health']) {
    const ask = async (token?: string) =>
      (await fetch(plane.url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status
    assert.deepEqual([await ask(), await ask(reader.token.reveal()), await ask(watcher.token.reveal())], [401, 403, 200], path)
  }
  assert.equal(codeOf(await watcher.client.call('openEnvironment', { params: main('shop', 'dev') })), 'ENV_NOT_FOUND')
})

test('what is counted is what happened, in numbers and without a name', async (t) => {
  const plane = await servePlane(t)
  const params = main('never-shown-project', 'dev')
  need(await plane.owner.call('createEnvironment', { params, body: { text } }))
  assert.equal(codeOf(await plane.owner.call('saveEnvironment', { params, body: { text: 'values: [', expected: 1 } })), 'DOCUMENT_INVALID')
  for (let n = 0; n < 4; n += 1) need(await plane.owner.call('openEnvironment', { params }))
  const status = need(await plane.owner.call('getConfigurationStatus', {}))
  assert.deepEqual([status.environments, status.cache.hits, status.cache.misses, status.cache.hitRatio], [1, 3, 1, 0.75])
  const language = need(await plane.owner.call('getLanguageHealth', {}))
  assert.deepEqual([language.status, language.opened, language.validation], ['ok', 4, { passed: 1, failed: 1, success: 0.5 }])
  const secrets = need(await plane.owner.call('getSecretsHealth', {}))
  assert.deepEqual([secrets.status, secrets.sealing, secrets.audit.waiting, secrets.audit.checkpoint], ['ok', 'ok', 0, true])
  const metrics = await (await fetch(`${plane.url}/metrics`, { headers: { authorization: `Bearer ${plane.ownerToken.reveal()}` } })).text()
  for (const line of [
    /^headgate_opened_total\{outcome="ok"\} 4$/m,
    /^headgate_cache_reads_total\{result="hit"\} 3$/m,
    /^headgate_cache_hit_ratio 0\.75$/m,
    /^headgate_validation_success_ratio 0\.5$/m,
    /^headgate_audit_waiting 0$/m,
    /^headgate_configuration_load_seconds_count 4$/m,
    /^headgate_api_seconds_count\{method="POST",route="\/api\/v1\/environments\/:organisation\/:project\/:environment\/open",status="200"\} 4$/m,
    /^process_resident_memory_bytes \d+/m,
  ]) {
    assert.match(metrics, line)
  }
  assert.doesNotMatch(metrics, /never-shown|not-a-real/)
})
