import { test } from 'node:test'

test('over before it fails', () => {
  setTimeout(() => {
    throw new Error('too late')
  }, 20)
})
