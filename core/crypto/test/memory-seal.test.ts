import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemorySeal } from '@headgate/crypto'

const text = Buffer.from('{"values":{"key":"not-a-real-secret"}}')

test('what is sealed in memory opens as what it was sealed as, and shows nothing until then', () => {
  const memory = createMemorySeal()
  const sealed = memory.seal('shop/dev@1', text)
  assert.equal(Buffer.from(sealed).includes('not-a-real-secret'), false)
  assert.deepEqual(memory.open('shop/dev@1', sealed), text)
  assert.notDeepEqual(memory.seal('shop/dev@1', text), sealed)
})

test('it opens as nothing else, not changed, and not in another process', () => {
  const memory = createMemorySeal()
  const sealed = memory.seal('shop/dev@1', text)
  assert.throws(() => memory.open('shop/dev@2', sealed), { code: 'SEAL_TAMPERED' })
  assert.throws(() => createMemorySeal().open('shop/dev@1', sealed), { code: 'SEAL_TAMPERED' })
  const changed = Buffer.from(sealed)
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  assert.throws(() => memory.open('shop/dev@1', changed), { code: 'SEAL_TAMPERED' })
})
