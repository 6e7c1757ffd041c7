import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { makeHandle, parseHandle } from '@headgate/crypto'

const key = createSecretKey(randomBytes(32))

test('a handle names its record to whoever holds the key', () => {
  const record = randomBytes(16).toString('hex')
  const handle = makeHandle(key, record)
  assert.equal(handle.length, 33)
  assert.equal(parseHandle(key, handle), record)
  assert.equal(parseHandle(createSecretKey(randomBytes(32)), handle), undefined)
})

test('any flipped bit, any other length, and any swap of parts makes it no handle', () => {
  const handle = makeHandle(key, randomBytes(16).toString('hex'))
  const other = makeHandle(key, randomBytes(16).toString('hex'))
  for (let bit = 0; bit < handle.length * 8; bit += 1) {
    const changed = Buffer.from(handle)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    assert.equal(parseHandle(key, changed), undefined)
  }
  for (let length = 0; length < handle.length; length += 1) assert.equal(parseHandle(key, handle.subarray(0, length)), undefined)
  assert.equal(parseHandle(key, Buffer.concat([handle, Uint8Array.of(0)])), undefined)
  assert.equal(parseHandle(key, Buffer.concat([handle.subarray(0, 17), other.subarray(17)])), undefined)
})

test('only a record id can be put into a handle', () => {
  assert.throws(() => makeHandle(key, 'abcd'), RangeError)
})
