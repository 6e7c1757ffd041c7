import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, need, servePlane } from './served-plane.ts'

const reference = { organisation: 'main', project: 'shop', environment: 'dev' }

test('the owner rotates every key of a working plane, and environments, revisions and what they open to stay as they are', async (t) => {
  const served = await servePlane(t)
  const { owner, plane } = served
  const text = 'values:\n  password:\n    fn::secret: correct horse\n'
  need(await owner.call('createEnvironment', { params: reference, body: { text } }))
  const seen = async () => [
    need(await owner.call('readEnvironment', { params: reference, query: {} })),
    need(await owner.call('listRevisions', { params: reference, query: {} })),
    need(await owner.call('openEnvironment', { params: reference, query: {} })),
  ]
  const before = await seen()
  const first = need(await owner.call('readKeys', {}))
  const { rotation } = need(await owner.call('rotateKeys', { body: { what: 'all' } }))
  await plane.keys.idle()
  assert.equal(codeOf(await owner.call('rotateKeys', { body: { what: 'root' } })), 'ROTATION_RUNNING')
  const moved = need(await owner.call('readKeys', {}))
  assert.equal(moved.rotation?.state, 'moved')
  assert.equal(moved.rotation?.proof?.underOld, 0)
  assert.notEqual(moved.rootKey.id, first.rootKey.id)
  assert.deepEqual(await seen(), before)
  need(await owner.call('finishKeys', { body: {} }))
  await plane.keys.idle()
  assert.deepEqual(await seen(), before)
  assert.equal(codeOf(await owner.call('undoKeys', { body: {} })), 'ROTATION_MISSING')
  assert.ok(need(await owner.call('verifyAudit', { body: {} })).ok)
  const { records } = need(await owner.call('listAudit', { query: {} }))
  const parts = ['keys.replace', 'keys.renew', 'keys.remove']
  const steps = records.filter(({ action }) => action.startsWith('keys.') && !parts.includes(action))
  assert.deepEqual(steps.map(({ action, actor, outcome }) => `${action} by ${actor}: ${outcome}`).toSorted(), [
    'keys.finish by owner: ok',
    'keys.finished by plane: ok',
    'keys.moved by plane: ok',
    'keys.rotate by owner: failed',
    'keys.rotate by owner: ok',
    'keys.undo by owner: failed',
  ])
  assert.equal(steps[0]?.details['rotation'], rotation)
  assert.ok(steps.some(({ action, details }) => action === 'keys.finished' && details['underOld'] === 0 && Number(details['rows']) > 10))
})

test('a passphrase that is handed over is taken into use, and is in no log and no answer', async (t) => {
  const served = await servePlane(t)
  const { owner, plane } = served
  const passphrase = `never shown ${Math.random().toString(36)}`
  need(await owner.call('rotateKeys', { body: { what: 'root', to: { source: 'passphrase', passphrase } } }))
  await plane.keys.idle()
  const keys = need(await owner.call('readKeys', {}))
  assert.equal(keys.rotation?.to.source, 'passphrase')
  const { records } = need(await owner.call('listAudit', { query: {} }))
  for (const shown of [JSON.stringify(keys), JSON.stringify(records), served.log()]) assert.ok(!shown.includes(passphrase))
  need(await owner.call('undoKeys', { body: {} }))
  await plane.keys.idle()
  assert.equal(need(await owner.call('readKeys', {})).rotation?.state, 'undone')
  const refusals = [
    ['KEY_PASSPHRASE_WEAK', { source: 'passphrase', passphrase: 'short' }],
    ['KEY_UNREADABLE', { source: 'environment', key: 'nonsense' }],
    ['KEY_SOURCE_ABSENT', { source: 'kms' }],
  ] as const
  for (const [code, to] of refusals) assert.equal(codeOf(await owner.call('rotateKeys', { body: { what: 'root', to } })), code)
})

test('keys are an administrator’s business: everybody else is denied, and the denial is on record', async (t) => {
  const served = await servePlane(t)
  const { client } = await served.user('reader', [
    { effect: 'allow', permissions: ['read', 'open', 'write', 'rotate', 'backup', 'audit'], environments: ['main/*/*'] },
  ])
  for (const call of [
    client.call('readKeys', {}),
    client.call('rotateKeys', { body: { what: 'all' } }),
    client.call('undoKeys', { body: {} }),
    client.call('finishKeys', { body: {} }),
  ])
    assert.equal(codeOf(await call), 'PERMISSION_DENIED')
  const { records } = need(await served.owner.call('listAudit', { query: {} }))
  const denied = records.filter(({ outcome, actor }) => outcome === 'denied' && actor === 'reader').map(({ action }) => action)
  assert.ok(
    ['keys.rotate', 'keys.undo', 'keys.finish'].every((action) => denied.includes(action)),
    denied.join(),
  )
  assert.equal(need(await served.owner.call('readKeys', {})).rotation, undefined)
})
