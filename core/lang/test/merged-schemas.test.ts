import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serialise } from '@headgate/lang'
import { evaluateText } from './evaluating.ts'

const outputs = { type: 'object', properties: { limits: { type: 'object', minProperties: 1 } } } as const
const providers = {
  provider: () => ({ schema: () => ({ inputs: true, outputs }), open: async () => ({}) }),
  rotator: () => ({ failure: 'there are no rotators' }),
}

/** What is known of `limits` where one of the values is written. */
async function limitsOf(value: string, base: string): Promise<unknown> {
  const { environment } = await evaluateText('imports: [ base ]\nvalues:\n  object: { own: 1 }\n  copy: ${object}\n', {
    mode: 'check',
    texts: { base },
    host: { providers },
  })
  assert.ok(environment)
  const { exprs } = JSON.parse(serialise(environment)) as { exprs: Record<string, { schema: { properties: Record<string, unknown> } }> }
  return exprs[value]?.schema.properties['limits']
}

const opened = 'values:\n  object: { fn::open::any: {} }\n'
const kept = { type: 'object', minProperties: 1 }

test('an object over an unknown one keeps what is known of the properties of that', async () => {
  assert.deepEqual(await limitsOf('object', opened), kept)
  assert.deepEqual(await limitsOf('copy', opened), kept)
})

test('laid over one more value, it keeps their kind alone, as in the reference', async () => {
  const base = `${opened}  copy: 1\n`
  assert.deepEqual(await limitsOf('object', base), kept)
  assert.deepEqual(await limitsOf('copy', base), { type: 'object' })
})
