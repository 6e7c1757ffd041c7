import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rotator } from '@headgate/lang'
import { type NamedProviders, startBackground } from '@headgate/operations'
import { eventually } from '../eventually.ts'
import { testLookup } from '../conformance/lang/providers.ts'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const params = main('shop', 'dev')

async function make(plane: ServedPlane, text: string, environment = 'dev'): Promise<void> {
  need(await plane.owner.call('createEnvironment', { params: main('shop', environment), body: { text } }))
}

async function valuesOf(plane: ServedPlane, environment = 'dev', version?: string): Promise<unknown> {
  const query = version === undefined ? {} : { version }
  const opened = await plane.owner.call('openEnvironment', { params: main('shop', environment), query })
  return opened.ok ? opened.value.values : opened.problem.code
}

test('a clone has the values and none of the sealed records of what it was made of', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {pw: {fn::secret: made-up-secret}}\n')
  const cloned = need(await plane.owner.call('cloneEnvironment', { params, body: { environment: 'copy' } }))
  assert.deepEqual(cloned, { environment: 'shop/copy', revision: 1 })
  assert.deepEqual(await valuesOf(plane, 'copy'), { pw: 'made-up-secret' })
  const texts = await Promise.all(
    ['dev', 'copy'].map(async (name) => need(await plane.owner.call('readEnvironment', { params: main('shop', name) })).text),
  )
  assert.notEqual(texts[0], texts[1])
  need(await plane.owner.call('deleteEnvironment', { params, query: {} }))
  assert.deepEqual(await valuesOf(plane, 'copy'), { pw: 'made-up-secret' })
  const verified = need(await plane.owner.call('verifyAudit', {}))
  assert.deepEqual(verified.findings, [])
})

test('a clone with its history has every revision, its tags and its labels', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {a: 1}\n')
  for (const a of [2, 3])
    need(await plane.owner.call('saveEnvironment', { params, body: { text: `values: {a: ${a}}\n`, expected: a - 1 } }))
  need(await plane.owner.call('moveTag', { params: { ...params, tag: 'stable' }, body: { revision: 2 } }))
  need(await plane.owner.call('setLabel', { params: { ...params, label: 'team' }, body: { value: 'blue' } }))
  need(await plane.owner.call('cloneEnvironment', { params, body: { environment: 'copy', history: true, tags: true, labels: true } }))
  assert.deepEqual([await valuesOf(plane, 'copy', 'stable'), await valuesOf(plane, 'copy', '1')], [{ a: 2 }, { a: 1 }])
  const { labels } = need(await plane.owner.call('listLabels', { params: main('shop', 'copy') }))
  assert.deepEqual(
    labels.map(({ label, value }) => [label, value]),
    [['team', 'blue']],
  )
  assert.deepEqual(need(await plane.owner.call('verifyAudit', {})).findings, [])
})

test('cloning takes the right to open the whole source', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {pw: {fn::secret: made-up-secret}, open: 1}\n')
  const some = await plane.user('some', [
    { effect: 'allow', permissions: ['read', 'write'], environments: ['main/*/*'] },
    { effect: 'allow', permissions: ['open'], environments: ['main/*/*'], patterns: ['open'] },
  ])
  assert.equal(codeOf(await some.client.call('cloneEnvironment', { params, body: { environment: 'copy' } })), 'PERMISSION_DENIED')
})

test('a renamed environment keeps its secrets and revisions, and its old name is free', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {pw: {fn::secret: made-up-secret}}\n')
  need(await plane.owner.call('renameEnvironment', { params, body: { environment: 'stage' } }))
  assert.deepEqual([await valuesOf(plane, 'stage'), await valuesOf(plane)], [{ pw: 'made-up-secret' }, 'ENV_NOT_FOUND'])
  await make(plane, 'values: {}\n')
  assert.equal(codeOf(await plane.owner.call('renameEnvironment', { params, body: { environment: 'stage' } })), 'ENV_EXISTS')
})

test('what was deleted is restored for thirty days, and then removed for good', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {pw: {fn::secret: made-up-secret}}\n')
  need(await plane.owner.call('setLabel', { params: { ...params, label: 'team' }, body: { value: 'blue' } }))
  need(await plane.owner.call('deleteEnvironment', { params, query: {} }))
  assert.equal(need(await plane.owner.call('listDeletedEnvironments', {})).environments.length, 1)
  need(await plane.owner.call('restoreEnvironment', { params, body: {} }))
  assert.deepEqual(await valuesOf(plane), { pw: 'made-up-secret' })
  need(await plane.owner.call('deleteEnvironment', { params, query: {} }))
  plane.time += 31 * 24 * 60 * 60 * 1000
  const background = startBackground(plane.plane, (error) => assert.fail(String(error)))
  await eventually(async () => {
    assert.equal(need(await plane.owner.call('listDeletedEnvironments', {})).environments.length, 0)
    return true
  })
  await background.close()
  assert.equal(codeOf(await plane.owner.call('restoreEnvironment', { params, body: {} })), 'ENV_NOT_DELETED')
  assert.deepEqual(need(await plane.owner.call('verifyAudit', {})).findings, [])
})

test('who may open only some paths finds only those in what is kept for them', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {pw: {fn::secret: made-up-secret}, open: {a: 1}, list: [1, 2]}\n')
  const some = await plane.user('some', [
    { effect: 'allow', permissions: ['read'], environments: ['main/*/*'] },
    { effect: 'allow', permissions: ['open'], environments: ['main/*/*'], patterns: ['open\\..*'] },
  ])
  const { session } = need(await some.client.call('createOpenSession', { params, body: {} }))
  const { evaluation } = need(await some.client.call('readOpenSession', { params: { ...params, session } }))
  const { properties, ...rest } = evaluation as { properties: Record<string, unknown> }
  assert.deepEqual(Object.keys(rest), [])
  assert.deepEqual(Object.keys(properties), ['open'])
  assert.doesNotMatch(JSON.stringify(evaluation), /made-up-secret/)
})

test('an access request that is granted opens one environment, until its time is over', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {a: 1}\n')
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  assert.equal(codeOf(await reader.client.call('openEnvironment', { params })), 'PERMISSION_DENIED')
  const asked = need(await reader.client.call('requestAccess', { params, body: { standsFor: 3600, lastsFor: 600 } }))
  assert.equal(codeOf(await reader.client.call('applyDraft', { params: { draft: asked.draft }, body: {} })), 'PERMISSION_DENIED')
  need(await plane.owner.call('applyDraft', { params: { draft: asked.draft }, body: {} }))
  need(await reader.client.call('openEnvironment', { params }))
  plane.time += 601_000
  assert.equal(codeOf(await reader.client.call('openEnvironment', { params })), 'PERMISSION_DENIED')
})

test('a draft of an environment that moved on is not applied', async (t) => {
  const plane = await servePlane(t)
  await make(plane, 'values: {a: 1}\n')
  const drafted = need(await plane.owner.call('createDraft', { params, body: { text: 'values: {a: 2}\n' } }))
  need(await plane.owner.call('saveEnvironment', { params, body: { text: 'values: {a: 3}\n', expected: 1 } }))
  assert.equal(codeOf(await plane.owner.call('applyDraft', { params: { draft: drafted.draft }, body: {} })), 'REVISION_CONFLICT')
  need(await plane.owner.call('closeDraft', { params: { draft: drafted.draft }, body: {} }))
  assert.equal(codeOf(await plane.owner.call('submitDraft', { params: { draft: drafted.draft }, body: {} })), 'DRAFT_CLOSED')
})

const rotating = (): NamedProviders => ({ ...testLookup, providerNames: [], rotatorNames: ['swap'] })
const ROTATED = 'values:\n  keys:\n    fn::rotate::swap:\n      inputs: {}\n      state:\n        a: one\n        b: two\n'

test('rotation saves the new state as the next revision, and a plan does it by itself with the rights of its author', async (t) => {
  const plane = await servePlane(t, { providers: rotating })
  await make(plane, ROTATED)
  const rotated = need(await plane.owner.call('rotateEnvironment', { params, body: {} }))
  assert.deepEqual([rotated.status, rotated.before, rotated.after], ['succeeded', 1, 2])
  assert.deepEqual(await valuesOf(plane), { keys: { a: 'two', b: 'one' } })
  const planned = need(await plane.owner.call('createSchedule', { params, body: { cron: '0 0 * * *' } }))
  const background = startBackground(plane.plane, (error) => assert.fail(String(error)))
  plane.time = (planned.next ?? 0) + 1
  await eventually(async () => {
    assert.deepEqual(await valuesOf(plane), { keys: { a: 'one', b: 'two' } })
    return true
  })
  await background.close()
  const { rotations } = need(await plane.owner.call('listScheduleRuns', { params: { ...params, schedule: planned.schedule } }))
  assert.deepEqual(
    rotations.map(({ status, after }) => [status, after]),
    [['succeeded', 3]],
  )
  const [listed] = need(await plane.owner.call('listSchedules', { params })).schedules
  assert.equal(listed?.next, (planned.next ?? 0) + 24 * 60 * 60 * 1000)
})

test('whoever may not open an import is refused before anything is replaced outside', async (t) => {
  let replaced = 0
  const swap = testLookup.rotator('swap') as Rotator
  const counting = (): NamedProviders => ({
    ...rotating(),
    rotator: () => ({
      ...swap,
      schema: () => swap.schema(),
      open: (inputs, state, context) => swap.open(inputs, state, context),
      rotate: (inputs, state, context) => ((replaced += 1), swap.rotate(inputs, state, context)),
    }),
  })
  const plane = await servePlane(t, { providers: counting })
  await make(plane, 'values: {a: 1}\n', 'base')
  await make(plane, `imports: [shop/base]\n${ROTATED}`)
  const worker = await plane.user('worker', [
    { effect: 'allow', permissions: ['read', 'open', 'rotate', 'write'], environments: ['main/shop/dev'] },
  ])
  assert.match(
    String(codeOf(await worker.client.call('rotateEnvironment', { params, body: {} }))),
    /^OPEN_(DENIED_IMPORT|IMPORT_NOT_FOUND)$/,
  )
  assert.equal(replaced, 0)
  need(await plane.owner.call('rotateEnvironment', { params, body: {} }))
  assert.equal(replaced, 1)
})

test('a schedule whose author lost the right does nothing, and leaves a record of it', async (t) => {
  const plane = await servePlane(t, { providers: rotating })
  await make(plane, ROTATED)
  const worker = await plane.user('worker', [{ effect: 'allow', permissions: ['read', 'rotate', 'write'], environments: ['main/*/*'] }])
  const planned = need(await worker.client.call('createSchedule', { params, body: { once: plane.time + 1000 } }))
  const role = await plane.plane.store.roles.get(plane.plane.organisation.id, 'role-of-worker')
  assert.ok(role)
  const statements = JSON.stringify([{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  await plane.write([{ op: 'update', table: 'roles', row: { ...role, statements }, was: role.change } as never])
  const background = startBackground(plane.plane, (error) => assert.fail(String(error)))
  plane.time += 2000
  await eventually(async () => {
    const { records } = need(await plane.owner.call('listAudit', { query: { action: 'environment.rotate' } }))
    assert.deepEqual(
      records.map(({ outcome }) => outcome),
      ['failed'],
    )
    return true
  })
  await background.close()
  const [listed] = need(await plane.owner.call('listSchedules', { params })).schedules
  assert.deepEqual([listed?.schedule, listed?.next], [planned.schedule, undefined])
})
