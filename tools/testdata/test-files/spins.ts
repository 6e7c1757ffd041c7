import { test } from 'node:test'

test('outer', async (context) => {
  await context.test('never comes back', () => {
    for (;;);
  })
})
