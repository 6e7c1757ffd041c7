import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cell, HeadgateError, type Row } from '@headgate/model'
import { type AnyTable, columnsOf, tables } from '@headgate/store'
import type { SealedStore } from '@headgate/vault'
import { openPlace, populate, temporaryPlace } from './sealed-folder.ts'

/** Made from the registry: a table that is added is tested here without anybody thinking of it. */
const protectedTables = Object.values<AnyTable>(tables).filter((table) => table.protected)

async function rowsOf(sealed: SealedStore, table: AnyTable): Promise<Row[]> {
  const snapshot = await sealed.database.snapshot()
  try {
    return await snapshot.all(`select * from "${table.name}" order by ${table.key.map((column) => `"${column}"`).join(', ')}`)
  } finally {
    await snapshot.close()
  }
}

/** Every cell that differs from a cell in one bit, and every one that is cut off somewhere. */
function* damaged(cell: Cell): Generator<Cell> {
  if (cell === null) return yield* [0, '', Buffer.alloc(0)]
  yield null
  if (typeof cell === 'number') {
    for (let bit = 0; bit < 52; bit += 1) yield cell + (Math.floor(cell / 2 ** bit) % 2 === 0 ? 2 ** bit : -(2 ** bit))
    return yield* [-cell - 1, String(cell)]
  }
  const bytes = Buffer.from(cell as Uint8Array)
  const made = (changed: Buffer): Cell => (typeof cell === 'string' ? changed.toString('latin1') : changed)
  const source = typeof cell === 'string' ? Buffer.from(cell, 'latin1') : bytes
  for (let bit = 0; bit < source.length * 8; bit += 1) {
    const flipped = Buffer.from(source)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    yield made(flipped)
  }
  for (let length = 0; length < source.length; length += 1) yield made(source.subarray(0, length))
  yield made(Buffer.concat([source, Buffer.of(0)]))
}

test('of every protected table: each bit that is flipped and each cell that is cut off anywhere is refused on use', async (t) => {
  const sealed = await openPlace(temporaryPlace(t))
  await populate(sealed)
  const { check } = sealed.vault.protection
  let refused = 0
  for (const table of protectedTables) {
    const [row] = await rowsOf(sealed, table)
    assert.ok(row, `${table.name} has rows`)
    check(table.name, row)
    for (const column of columnsOf(table))
      for (const cell of damaged(row[column] ?? null)) {
        assert.throws(() => check(table.name, { ...row, [column]: cell }), HeadgateError, `${table.name}.${column}`)
        refused += 1
      }
    for (const column of columnsOf(table)) {
      const { [column]: _, ...less } = row
      assert.throws(() => check(table.name, less), HeadgateError, `${table.name} without ${column}`)
    }
    assert.throws(() => check(table.name, { ...row, more: null }), HeadgateError, `${table.name} with a column more`)
  }
  await sealed.close()
  assert.ok(refused > 20_000, `${refused} damaged rows`)
  t.diagnostic(`${protectedTables.length} tables, ${refused} damaged rows refused`)
})

test('of every protected table: no row passes for another, whichever two, and none as a row of another table', async (t) => {
  const sealed = await openPlace(temporaryPlace(t))
  await populate(sealed)
  const { check } = sealed.vault.protection
  let swaps = 0
  for (const table of protectedTables) {
    const rows = await rowsOf(sealed, table)
    for (const left of rows)
      for (const right of rows) {
        if (left === right) continue
        const key = Object.fromEntries(table.key.map((column) => [column, left[column] ?? null]))
        assert.throws(() => check(table.name, { ...right, ...key }), HeadgateError, table.name)
        assert.throws(() => check(table.name, { ...left, mac: right['mac'] ?? null }), HeadgateError, table.name)
        swaps += 2
      }
    for (const other of protectedTables)
      if (other !== table && rows[0]) assert.throws(() => check(other.name, rows[0] as Row), HeadgateError)
  }
  await sealed.close()
  assert.ok(swaps > 200, `${swaps} swaps`)
})
