import { describe, test } from 'node:test'

test('one', async (context) => {
  await context.test('inside', () => undefined)
})
describe('a suite', () => {
  test('in it', () => console.log('said by a test'))
})
test('not here', { skip: 'no such thing on this machine' }, () => undefined)
test('in time', { concurrency: true }, async (context) => {
  await Promise.all([context.test('long', () => new Promise((resolve) => setTimeout(resolve, 700))), context.test('short', () => undefined)])
})
