import assert from 'node:assert/strict'
import { after, test } from 'node:test'

test('outside', async (context) => {
  await context.test('wrong by one', () => assert.equal(1 + 1, 3))
})
after(() => {
  throw new Error('the hook fails')
})
