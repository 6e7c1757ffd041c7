import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const target = (environment: string, text: string, expected = 0) => ({ ...main('shop', environment), text, expected })

async function valuesOf(plane: ServedPlane, environment: string): Promise<unknown> {
  const opened = await plane.owner.call('openEnvironment', { params: main('shop', environment) })
  return opened.ok ? opened.value.values : opened.problem.code
}

test('a migration writes all of its environments as one change, imports among them included', async (t) => {
  const plane = await servePlane(t)
  const environments = [
    target('dev', 'imports: [shop/base]\nvalues:\n  environmentVariables: {KEY: {fn::secret: k}}\n'),
    target('base', 'values:\n  environmentVariables: {SHARED: "1"}\n'),
  ]
  const applied = need(await plane.owner.call('applyMigration', { body: { sources: ['.env'], environments } }))
  assert.deepEqual(
    applied.environments.map(({ environment, before, revision }) => [environment, before, revision]),
    [
      ['dev', 0, 1],
      ['base', 0, 1],
    ],
  )
  assert.deepEqual(await valuesOf(plane, 'dev'), { environmentVariables: { KEY: 'k', SHARED: '1' } })
  const { records } = need(await plane.owner.call('listAudit', { query: { action: 'migration.apply' } }))
  assert.equal(records.length, 1)
})

test('a migration that fails for one environment writes none', async (t) => {
  const plane = await servePlane(t)
  const environments = [target('dev', 'values: {a: 1}\n'), target('staging', 'values: {a: ${missing}}\n')]
  assert.equal(codeOf(await plane.owner.call('applyMigration', { body: { sources: [], environments } })), 'DOCUMENT_INVALID')
  assert.equal(await valuesOf(plane, 'dev'), 'ENV_NOT_FOUND')
  const twice = [target('dev', 'values: {a: 1}\n'), target('dev', 'values: {a: 2}\n')]
  assert.ok(codeOf(await plane.owner.call('applyMigration', { body: { sources: [], environments: twice } })))
  assert.equal(await valuesOf(plane, 'dev'), 'ENV_NOT_FOUND')
})

test('rolling a migration back restores what was there and deletes what it made, as one change', async (t) => {
  const plane = await servePlane(t)
  need(await plane.owner.call('createEnvironment', { params: main('shop', 'dev'), body: { text: 'values: {was: {fn::secret: here}}\n' } }))
  const environments = [target('dev', 'values: {now: 1}\n', 1), target('staging', 'values: {now: 2}\n')]
  const { migration } = need(await plane.owner.call('applyMigration', { body: { sources: ['.env'], environments } }))
  const rolledBack = need(await plane.owner.call('rollBackMigration', { params: { migration }, body: {} }))
  assert.equal(rolledBack.state, 'rolled-back')
  assert.deepEqual(await valuesOf(plane, 'dev'), { was: 'here' })
  assert.equal(await valuesOf(plane, 'staging'), 'ENV_NOT_FOUND')
  assert.equal(codeOf(await plane.owner.call('rollBackMigration', { params: { migration }, body: {} })), 'MIGRATION_ROLLED_BACK')
})

test('a change made after a migration is not rolled back without force', async (t) => {
  const plane = await servePlane(t)
  const { migration } = need(
    await plane.owner.call('applyMigration', { body: { sources: [], environments: [target('dev', 'values: {a: 1}\n')] } }),
  )
  need(await plane.owner.call('saveEnvironment', { params: main('shop', 'dev'), body: { text: 'values: {a: 2}\n', expected: 1 } }))
  assert.equal(codeOf(await plane.owner.call('rollBackMigration', { params: { migration }, body: {} })), 'MIGRATION_OVERWRITTEN')
  need(await plane.owner.call('rollBackMigration', { params: { migration }, body: { force: true } }))
  assert.equal(await valuesOf(plane, 'dev'), 'ENV_NOT_FOUND')
})

test('a migration needs the right to write every environment it names', async (t) => {
  const plane = await servePlane(t)
  const some = await plane.user('some', [{ effect: 'allow', permissions: ['read', 'write'], environments: ['main/shop/dev'] }])
  const environments = [target('dev', 'values: {}\n'), target('production', 'values: {}\n')]
  assert.equal(codeOf(await some.client.call('applyMigration', { body: { sources: [], environments } })), 'ENV_NOT_FOUND')
  assert.equal(await valuesOf(plane, 'dev'), 'ENV_NOT_FOUND')
})
