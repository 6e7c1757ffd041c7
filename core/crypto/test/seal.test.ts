import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  GROUPED_SEAL_OVERHEAD,
  SEAL_GROUP_LIMIT,
  SEAL_OVERHEAD,
  type SealContext,
  SealGroup,
  type SecretKey,
  open,
  seal,
  sealKeyId,
  secretKey,
} from '@headgate/crypto'
import { HeadgateError } from '@headgate/model'
import fc from 'fast-check'
import { naiveGroupedSeal, naiveSeal } from './naive-seal.ts'

const context: SealContext = { organisation: 'o-1', environment: 'e-1', type: 'secret', id: 'r-1' }
const newKey = (id = randomBytes(8).toString('hex')): SecretKey => secretKey(id, randomBytes(32))
const ring =
  (...keys: SecretKey[]) =>
  (id: string) =>
    keys.find((key) => key.id === id)

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof HeadgateError, String(error))
    return error.code
  }
  return 'opened'
}

test('what was sealed opens again for the same place, whatever it holds', () => {
  const key = newKey()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string(), fc.string(), (plaintext, organisation, id) => {
      const place = { ...context, organisation, id }
      const sealed = seal(key, place, plaintext)
      assert.equal(sealed.length, plaintext.length + SEAL_OVERHEAD)
      assert.deepEqual(Buffer.from(open(ring(key), place, sealed)), Buffer.from(plaintext))
    }),
    { numRuns: 200 },
  )
})

test('the bytes are those FORMAT.md describes, by another implementation', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 99 }),
      fc.string(),
      async (bytes, plaintext, id) => {
        const salt = randomBytes(32)
        const place = { ...context, id }
        const expected = await naiveSeal({ id: '00112233aabbccdd', bytes }, place, plaintext, salt)
        assert.deepEqual(Buffer.from(seal(secretKey('00112233aabbccdd', new Uint8Array(bytes)), place, plaintext, salt)), expected)
      },
    ),
    { numRuns: 50 },
  )
})

test('two seals of one value have nothing in common but their key id', () => {
  const key = newKey()
  const [left, right] = [seal(key, context, Buffer.alloc(64)), seal(key, context, Buffer.alloc(64))]
  assert.deepEqual(left.subarray(0, 9), right.subarray(0, 9))
  for (let start = 9; start + 16 <= left.length; start += 16)
    assert.notDeepEqual(left.subarray(start, start + 16), right.subarray(start, start + 16))
})

test('any flipped bit is refused', () => {
  const key = newKey()
  const sealed = seal(key, context, Buffer.from('correct horse'))
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    assert.notEqual(
      refusal(() => open(ring(key), context, changed)),
      'opened',
      `bit ${bit}`,
    )
  }
})

test('any truncation, and anything appended, is refused', () => {
  const key = newKey()
  const sealed = seal(key, context, Buffer.from('correct horse'))
  for (let length = 0; length < sealed.length; length += 1)
    assert.equal(
      refusal(() => open(ring(key), context, sealed.subarray(0, length))),
      'SEAL_TAMPERED',
    )
  assert.equal(
    refusal(() => open(ring(key), context, Buffer.concat([sealed, Uint8Array.of(0)]))),
    'SEAL_TAMPERED',
  )
})

test('a value sealed for one place opens in no other', () => {
  const key = newKey()
  fc.assert(
    fc.property(
      fc.record({ organisation: fc.string(), environment: fc.string(), type: fc.string(), id: fc.string() }),
      fc.record({ organisation: fc.string(), environment: fc.string(), type: fc.string(), id: fc.string() }),
      (place, other) => {
        const same = (['organisation', 'environment', 'type', 'id'] as const).every((field) => place[field] === other[field])
        const sealed = seal(key, place, Buffer.from('value'))
        assert.equal(
          refusal(() => open(ring(key), other, sealed)),
          same ? 'opened' : 'SEAL_TAMPERED',
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('fields of a place cannot be shifted into each other', () => {
  const key = newKey()
  const sealed = seal(key, { ...context, organisation: 'ab', environment: 'c' }, Buffer.from('value'))
  assert.equal(
    refusal(() => open(ring(key), { ...context, organisation: 'a', environment: 'bc' }, sealed)),
    'SEAL_TAMPERED',
  )
})

test('a seal commits to its key: another key of the same id does not open it', () => {
  const [key, other] = [newKey('00112233aabbccdd'), newKey('00112233aabbccdd')]
  const sealed = seal(key, context, Buffer.from('value'))
  assert.equal(
    refusal(() => open(ring(other), context, sealed)),
    'SEAL_TAMPERED',
  )
})

test("a commitment that is not the key's own is refused, even where everything else is genuine", async () => {
  const material = { id: '00112233aabbccdd', bytes: randomBytes(32) }
  const ringed = ring(secretKey(material.id, Buffer.from(material.bytes)))
  const make = (commitment?: Uint8Array) => naiveSeal(material, context, Buffer.from('value'), Buffer.alloc(32, 1), commitment)
  assert.equal(Buffer.from(open(ringed, context, await make())).toString(), 'value')
  const forged = await make(Buffer.alloc(32, 2))
  assert.equal(
    refusal(() => open(ringed, context, forged)),
    'SEAL_TAMPERED',
  )
})

test('a key that is not in the ring is named, and an unknown version is not guessed at', () => {
  const key = newKey()
  const sealed = Buffer.from(seal(key, context, Buffer.from('value')))
  assert.throws(() => open(ring(), context, sealed), new RegExp(key.id))
  sealed[0] = 2
  assert.equal(
    refusal(() => open(ring(key), context, sealed)),
    'SEAL_UNKNOWN',
  )
})

test('a key takes exactly 32 bytes, wipes them, and shows nothing', () => {
  assert.throws(() => secretKey('00112233aabbccdd', new Uint8Array(31)), RangeError)
  assert.throws(() => secretKey('key', new Uint8Array(32)), RangeError)
  const bytes = randomBytes(32)
  const hex = bytes.toString('hex')
  const key = secretKey('00112233aabbccdd', bytes)
  assert.deepEqual([...bytes], Array(32).fill(0))
  assert.ok(!JSON.stringify(key).includes(hex))
})

test('values of a group are sealed as FORMAT.md describes, by another implementation, and open like any other', async () => {
  const bytes = randomBytes(32)
  const key = secretKey('00112233aabbccdd', Buffer.from(bytes))
  const salt = randomBytes(32)
  const group = new SealGroup(key, salt)
  for (let index = 0; index < 300; index += 1) {
    const place = { ...context, id: String(index) }
    const plaintext = randomBytes(index)
    const sealed = group.seal(place, plaintext)
    assert.equal(sealed.length, plaintext.length + GROUPED_SEAL_OVERHEAD)
    assert.equal(sealKeyId(sealed, place), key.id)
    assert.deepEqual(Buffer.from(sealed), await naiveGroupedSeal({ id: key.id, bytes }, place, plaintext, salt, index))
    assert.deepEqual(Buffer.from(open(ring(key), place, sealed)), plaintext)
  }
})

test('no two values of a group have a nonce in common, nor two groups a key', () => {
  const key = newKey()
  const group = new SealGroup(key)
  const seals = Array.from({ length: SEAL_GROUP_LIMIT }, () => Buffer.from(group.seal(context, Buffer.alloc(16))))
  // The same plaintext under the same key and nonce would be the same ciphertext.
  assert.equal(new Set(seals.map((sealed) => sealed.subarray(77, 93).toString('hex'))).size, SEAL_GROUP_LIMIT)
  assert.equal(new Set(seals.map((sealed) => sealed.subarray(9, 73).toString('hex'))).size, 1)
  assert.ok(group.full)
  assert.throws(() => group.seal(context, Buffer.alloc(16)), RangeError)
  const other = Buffer.from(new SealGroup(key).seal(context, Buffer.alloc(16)))
  for (let start = 9; start < 73; start += 16) assert.ok(!seals[0]?.subarray(start, start + 16).equals(other.subarray(start, start + 16)))
})

test('a value of a group opens in its place alone, and not with a flipped bit, cut, or taken out of its group', () => {
  const key = newKey()
  const group = new SealGroup(key)
  const sealed = Buffer.from(group.seal(context, Buffer.from('correct horse')))
  const next = Buffer.from(group.seal(context, Buffer.from('correct horse')))
  const refusedAs = (bytes: Uint8Array, place = context) => refusal(() => open(ring(key), place, bytes))
  for (const field of ['organisation', 'environment', 'type', 'id'] as const)
    assert.equal(refusedAs(sealed, { ...context, [field]: 'other' }), 'SEAL_TAMPERED')
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    assert.notEqual(refusedAs(changed), 'opened', `bit ${bit}`)
  }
  for (let length = 0; length < sealed.length; length += 1) assert.equal(refusedAs(sealed.subarray(0, length)), 'SEAL_TAMPERED')
  assert.equal(refusedAs(Buffer.concat([sealed, Uint8Array.of(0)])), 'SEAL_TAMPERED')
  for (const at of [73, 77, sealed.length - 16])
    assert.equal(refusedAs(Buffer.concat([sealed.subarray(0, at), next.subarray(at, at + 4), sealed.subarray(at + 4)])), 'SEAL_TAMPERED')
})
