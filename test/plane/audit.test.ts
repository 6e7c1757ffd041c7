import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import { createPlaneClient } from '@headgate/sdk/http'
import { checkAuditProof, createExportCheck } from '@headgate/sdk/audit'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

async function actions(plane: ServedPlane, action: string) {
  const { records } = need(await plane.owner.call('listAudit', { query: { action } }))
  return records
}

test('a token that is refused leaves a record, and a flood of them no more in a minute', async (t) => {
  const plane = await servePlane(t)
  const token = new Secret(`hg_user_${'a'.repeat(50)}`)
  const stranger = createPlaneClient({ url: plane.url, token })
  for (let n = 0; n < 50; n += 1) assert.equal(codeOf(await stranger.call('getSession', {})), 'TOKEN_INVALID')
  const records = await actions(plane, 'session.refuse')
  assert.equal(records.length, 1)
  assert.equal(records[0]?.outcome, 'denied')
  assert.equal(records[0]?.details['code'], 'TOKEN_INVALID')
  assert.equal(records[0]?.details['address'], '127.0.0.1')
  assert.equal(JSON.stringify(records).includes(token.reveal()), false)
  // Without a token nobody tried anything.
  await createPlaneClient({ url: plane.url }).call('getSession', {})
  assert.equal((await actions(plane, 'session.refuse')).length, 1)
})

test('the same denial again is counted, another one is recorded, and so many different ones are counted together', async (t) => {
  const plane = await servePlane(t)
  const nobody = await plane.user('nobody', [{ effect: 'allow', permissions: ['read'], environments: ['main/other/*'] }])
  for (let n = 0; n < 20; n += 1) assert.equal(codeOf(await nobody.client.call('listAudit', {})), 'PERMISSION_DENIED')
  const denied = async () => need(await plane.owner.call('listAudit', { query: { actor: 'nobody', limit: 1000 } })).records
  assert.equal((await denied()).length, 1)
  await nobody.client.call('verifyAudit', {})
  assert.equal((await denied()).length, 2)
  for (let n = 0; n < 200; n += 1) await nobody.client.call('openEnvironment', { params: main('shop', `e${n}`) })
  assert.ok((await denied()).length <= 62, `${(await denied()).length} records`)
})

test('a checkpoint, a proof of a record and of growth are handed out, and stand without the plane', async (t) => {
  const plane = await servePlane(t)
  const { verifierKey, checkpoint = '' } = need(await plane.owner.call('getCheckpoint', {}))
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: {} }))
  const [created] = await actions(plane, 'environment.create')
  const proof = need(await plane.owner.call('proveRecord', { params: { change: created?.change ?? 0 } }))
  assert.equal(proof.record.action, 'environment.create')
  assert.equal(checkAuditProof(proof as Parameters<typeof checkAuditProof>[0], verifierKey).shows, true)
  const growth = need(await plane.owner.call('proveGrowth', { body: { checkpoint } }))
  assert.equal(checkAuditProof(growth, verifierKey).shows, true)
  assert.equal(codeOf(await plane.owner.call('proveRecord', { params: { change: 1_000_000 } })), 'AUDIT_RECORD_NOT_FOUND')
  assert.equal(codeOf(await plane.owner.call('proveGrowth', { body: { checkpoint: 'headgate/x\n1\nAA==\n\n' } })), 'CHECKPOINT_FOREIGN')
  assert.equal(need(await plane.owner.call('verifyAudit', { body: { checkpoint } })).ok, true)
  const report = need(await plane.owner.call('verifyAudit', { body: { checkpoint: checkpoint.replace(/\n\d+\n/, '\n1\n') } }))
  assert.equal(report.findings[0]?.code, 'CHECKPOINT_DIFFERS')
})

test('an export is streamed, proves itself, and comes as OCSF events too; it is on record before it leaves', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: { text: 'values: {a: {fn::secret: made-up}}' } }))
  need(await plane.owner.call('openEnvironment', { params: main('shop', 'dev') }))
  const { verifierKey } = need(await plane.owner.call('getCheckpoint', {}))
  const text = await textOf(plane, {})
  const check = createExportCheck(verifierKey)
  for (const line of text.split('\n')) check.line(line)
  const verdict = check.verdict()
  assert.equal(verdict.mistake, undefined)
  assert.equal(verdict.first, 0)
  const [record] = await actions(plane, 'audit.export')
  assert.equal(record?.details['end'], verdict.end)
  const events = (await textOf(plane, { format: 'ocsf' }))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const opened = events.find((event) => (event['api'] as { operation: string }).operation === 'environment.open')
  assert.equal(opened?.['class_uid'], 6003)
  assert.equal(opened?.['type_uid'], 600302)
  assert.equal(opened?.['status'], 'Success')
  assert.deepEqual(opened?.['resources'], [{ name: 'environment:main/shop/dev', type: 'environment' }])
  assert.equal(text.includes('made-up'), false)
})

test('nothing younger than the retention is let go of, and only an administrator may ask', async (t) => {
  const plane = await servePlane(t)
  for (let n = 0; n < 300; n += 1) await plane.write([])
  const first = need(await plane.owner.call('pruneAudit', { body: { before: plane.time + 1000 } }))
  assert.equal(first.records, 0)
  plane.time += 8 * 365 * 86_400_000
  const auditor = await plane.user('auditor', [{ effect: 'allow', permissions: ['audit'], environments: ['main/*/*'] }])
  assert.equal(codeOf(await auditor.client.call('pruneAudit', {})), 'PERMISSION_DENIED')
  assert.deepEqual(need(await plane.owner.call('pruneAudit', {})).first, 256)
  const report = need(await plane.owner.call('verifyAudit', {}))
  assert.deepEqual(report.findings, [])
  assert.equal((await actions(plane, 'audit.segment')).length, 1)
  assert.deepEqual(
    (await actions(plane, 'audit.prune')).map(({ outcome }) => outcome),
    ['ok', 'denied', 'ok'],
  )
})

async function textOf(plane: ServedPlane, query: { format?: 'ocsf' }): Promise<string> {
  const stream = need(await plane.owner.stream('exportAudit', { query }))
  return new Response(stream).text()
}
