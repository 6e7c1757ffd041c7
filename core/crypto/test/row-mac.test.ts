import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ROW_MAC_LENGTH, leafData, messageMac, messageMacFits, rowMac, rowMacFits, rowMacKeyId, secretKey } from '@headgate/crypto'
import type { Cell, Row } from '@headgate/model'
import fc from 'fast-check'

const key = secretKey('00112233aabbccdd', randomBytes(32))
const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.uint8Array({ maxLength: 40 }),
)
const row: fc.Arbitrary<Row> = fc.dictionary(
  fc.stringMatching(/^[a-z_]{1,8}$/).filter((name) => name !== 'mac'),
  cell,
  { maxKeys: 6, noNullPrototype: true },
)
const withMac = (table: string, columns: Row): Row => ({ ...columns, mac: rowMac(key, table, columns) })
const comparable = (columns: Row) =>
  JSON.stringify(
    Object.entries(columns).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    (_, value) => (value instanceof Uint8Array ? [...value, 'bytes'] : value),
  )

test('a row fits its own MAC, in whatever order its columns come', () => {
  fc.assert(
    fc.property(row, (columns) => {
      const reversed = Object.fromEntries(Object.entries(withMac('tags', columns)).toReversed())
      assert.ok(rowMacFits(key, 'tags', reversed))
      assert.equal((reversed['mac'] as Uint8Array).length, ROW_MAC_LENGTH)
    }),
  )
})

test('two different rows never have the same encoding', () => {
  fc.assert(
    fc.property(row, row, (left, right) => {
      assert.equal(Buffer.from(leafData(left)).equals(leafData(right)), comparable(left) === comparable(right))
    }),
    { numRuns: 1_000 },
  )
})

test('text, bytes, numbers and null that look alike are told apart', () => {
  const values: Cell[] = ['1', 1, Uint8Array.of(0x31), null, '', new Uint8Array(), 0, -1, '0']
  const macs = new Set(values.map((value) => Buffer.from(rowMac(key, 't', { value })).toString('hex')))
  assert.equal(macs.size, values.length)
})

test('a changed column, a missing one, a new one, another table: none fits', () => {
  const columns: Row = { id: 'a', environment: 'e', number: 4, sealed: randomBytes(9), change: 7 }
  const good = withMac('revisions', columns)
  const { number: _, ...missing } = good
  const wrong: [string, Row][] = [
    ['revisions', { ...good, id: 'b' }],
    ['revisions', { ...good, number: 5 }],
    ['revisions', { ...good, number: '4' }],
    ['revisions', { ...good, change: 8 }],
    ['revisions', { ...good, id: 'e', environment: 'a' }],
    ['revisions', { ...good, extra: null }],
    ['revisions', missing],
    ['records', good],
    ['revisions', { ...good, mac: null }],
    ['revisions', { ...good, mac: (good['mac'] as Uint8Array).subarray(0, 40) }],
  ]
  for (const [table, changed] of wrong) assert.ok(!rowMacFits(key, table, changed), JSON.stringify(changed))
  for (let bit = 0; bit < ROW_MAC_LENGTH * 8; bit += 1) {
    const mac = Buffer.from(good['mac'] as Uint8Array)
    mac[bit >> 3]! ^= 1 << (bit & 7)
    assert.ok(!rowMacFits(key, 'revisions', { ...good, mac }))
  }
})

test('a MAC names its key; what is no MAC names none', () => {
  const mac = rowMac(key, 't', { id: 'a' })
  assert.equal(rowMacKeyId(mac), key.id)
  for (const wrong of [null, undefined, 'text', new Uint8Array(), mac.subarray(1), Buffer.from(mac).fill(2, 0, 1)])
    assert.equal(rowMacKeyId(wrong), undefined)
})

test('a value that cannot be kept exactly is not authenticated', () => {
  for (const value of [1.5, Number.NaN, 2 ** 60]) assert.throws(() => rowMac(key, 't', { value }))
})

test('a message of a node fits its own MAC, and no row does, nor the message a row of the same columns', () => {
  const columns: Row = { from: 'a', to: 'b', time: 7 }
  const message = { ...columns, mac: messageMac(key, 'hop', columns) }
  assert.ok(messageMacFits(key, 'hop', message))
  assert.ok(!rowMacFits(key, 'hop', message))
  assert.ok(!messageMacFits(key, 'hop', withMac('hop', columns)))
  assert.ok(!messageMacFits(key, 'proof', message))
  assert.ok(!messageMacFits(key, 'hop', { ...message, to: 'c' }))
})
