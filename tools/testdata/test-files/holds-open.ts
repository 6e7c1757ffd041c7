import { test } from 'node:test'

test('passes', () => {
  setInterval(() => undefined, 1000)
})
