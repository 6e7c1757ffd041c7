import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createConfigurationSource, createWatching, languageProviders } from '@headgate/operations'
import { createProviders } from '@headgate/providers'
import { type Result } from '@headgate/model'
import { servePlane } from './served-plane.ts'

const target = { organisation: 'main', project: 'shop', environment: 'production' }
const need = <T>(result: Result<T>): T => {
  assert.ok(result.ok, result.ok ? '' : result.problem.message)
  return result.value
}

test('a release names each place whose value a provider gives at start, in imports too, and freezes all the rest', async (t) => {
  const processVariables: Record<string, string> = { SHOP_KEY: 'first' }
  const plane = await servePlane(t, {
    providers: (identity) => languageProviders(createProviders({ identity, variables: ['SHOP_*'], processVariables })),
  })
  const write = async (environment: string, text: string) =>
    need(await plane.owner.call('createEnvironment', { params: { organisation: 'main', project: 'shop', environment }, body: { text } }))
  await write('base', 'values:\n  machine:\n    fn::open::env: { get: { key: { variable: SHOP_KEY } } }\n')
  await write(
    'production',
    'imports: [shop/base]\nvalues:\n  environmentVariables: { KEY: "${machine.key}", URL: https://shop.example.org }\n',
  )

  const watching = createWatching(plane.plane)
  t.after(() => watching.close())
  const source = createConfigurationSource(plane.plane, watching, () => Promise.resolve(plane.url))
  const frozen = need(await source.freeze({ target, reference: 'shop/production', by: { principal: null, name: 'plane' } }))
  assert.deepEqual(need(await source.verify({ target, frozen })).dynamic, ['shop/base#machine (env)'])

  const instance = { id: 'one', target, service: 'web', release: 'r1' } as never
  processVariables['SHOP_KEY'] = 'second'
  const started = need(await source.admit({ instance, frozen }))
  assert.equal((started.variables['KEY'] as { reveal(): string }).reveal(), 'second', 'it is opened again at start')
  assert.equal(started.variables['URL'], 'https://shop.example.org')
})
