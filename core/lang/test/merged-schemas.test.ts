import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serialise } from '@headgate/lang'
import { evaluateText } from './evaluating.ts'

const outputs = { type: 'object', properties: { limits: { type: 'object', minProperties: 1 } } } as const
const providers = {
  provider: () => ({ schema: () => ({ inputs: true, outputs }), open: async () => ({}) }),
  rotator: () => ({ failure: 'there are no rotators' }),
}

const OWN = '  object: { own: 1 }\n  copy: ${object}\n'

/** What is known of `limits` where one of the values is written. */
async function limitsOf(value: string, base: string, own = OWN): Promise<unknown> {
  const { environment } = await evaluateText(`imports: [ base ]\nvalues:\n${own}`, {
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

test('inside an object over an object, it keeps their kind alone as well', async () => {
  const around = 'values:\n  object: { limits: { fn::open::any: {} } }\n'
  assert.deepEqual(await limitsOf('object', around, '  object: { limits: { own: 1 } }\n'), {
    type: 'object',
    properties: { limits: { type: 'object' }, own: { type: 'number', const: 1 } },
    required: ['limits', 'own'],
  })
})
