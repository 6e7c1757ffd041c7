import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Row } from '@headgate/model'
import { type AnyTable, columnsOf, tables } from '@headgate/store'
import type { Finding } from '@headgate/vault'
import { proving } from '../../../test/proving.ts'
import { type Hands, changed, findingsIn, handsOn, keyOf } from './hands.ts'
import { type NewPlace, onEachDialect } from './on-each-dialect.ts'
import { type Place, commit, openPlace, populate } from './sealed-folder.ts'

/** Made from the registry: a table that is added is tampered with here without anybody thinking of it. */
const protectedTables = Object.values<AnyTable>(tables).filter((table) => table.protected)

/**
 * Tables that are tampered with at the same time: each alone where there is time. Keys and the log stand for themselves,
 * because what is wrong with them is wrong with all the others.
 */
const apart = new Set(['key_records', 'audit'])
const groups = proving
  ? protectedTables.map((table) => [table])
  : [
      protectedTables.filter(({ name }) => !apart.has(name)),
      ...[...apart].map((name) => protectedTables.filter((table) => table.name === name)),
    ]

/** A populated database that is closed, and hands for somebody who can write to it. */
async function attacked(t: TestContext, newPlace: NewPlace): Promise<{ place: Place; hands: Hands }> {
  const place = await newPlace()
  const sealed = await openPlace(place)
  await populate(sealed)
  await sealed.close()
  return { place, hands: await handsOn(t, place) }
}

onEachDialect('every column of every protected table: an edit is found, and the row is named', async (t, newPlace) => {
  const { place, hands } = await attacked(t, newPlace)
  let edits = 0
  for (const group of groups) {
    const most = Math.max(...group.map((table) => columnsOf(table).length))
    for (let n = 0; n < most; n += 1) {
      const edited: Edit[] = []
      for (const table of group) edited.push(...(await edit(hands, table, columnsOf(table)[n])))
      const named = await findingsIn(place)
      for (const { table, before, now } of edited) {
        assert.ok(isNamed(named, table, { ...before, ...now }), `${table.name}.${Object.keys(now)}: ${JSON.stringify(named)}`)
        await hands.put(table, { ...before, ...now }, before)
        edits += 1
      }
    }
  }
  assert.deepEqual(await findingsIn(place), [])
  assert.equal(
    edits,
    protectedTables.reduce((sum, table) => sum + columnsOf(table).length, 0),
  )
  t.diagnostic(`${protectedTables.length} tables, ${edits} columns`)
})

interface Edit {
  readonly table: AnyTable
  readonly before: Row
  /** The column that is another now. */
  readonly now: Row
}

/** Edits a column of a table's first row; nothing where the table has not that many. */
async function edit(hands: Hands, table: AnyTable, column: string | undefined): Promise<Edit[]> {
  if (column === undefined) return []
  const [before] = await hands.rows(table)
  assert.ok(before, `${table.name} has rows`)
  const now = { [column]: changed(before[column], table.columns[column]) }
  await hands.put(table, before, now)
  return [{ table, before, now }]
}

function isNamed(found: readonly Finding[], table: AnyTable, row: Row): boolean {
  return found.some((finding) => finding.table === table.name && finding.key === keyOf(table, row))
}

onEachDialect('any two rows of a table that change places are both found', async (t, newPlace) => {
  const { place, hands } = await attacked(t, newPlace)
  const rest = (table: AnyTable, row: Row) => Object.fromEntries(Object.entries(row).filter(([column]) => !table.key.includes(column)))
  for (const group of groups) {
    const pairs: { table: AnyTable; left: Row; right: Row }[] = []
    for (const table of group) {
      const [left, right] = await hands.rows(table)
      assert.ok(left && right, `${table.name} has two rows`)
      pairs.push({ table, left, right })
      await hands.put(table, left, rest(table, right))
      await hands.put(table, right, rest(table, left))
    }
    const named = await findingsIn(place)
    for (const { table, left, right } of pairs) {
      assert.ok(isNamed(named, table, left) && isNamed(named, table, right), `${table.name}: ${JSON.stringify(named)}`)
      await hands.put(table, left, left)
      await hands.put(table, right, right)
    }
  }
  assert.deepEqual(await findingsIn(place), [])
})

onEachDialect('a row that is taken out is missed', async (t, newPlace) => {
  const { place, hands } = await attacked(t, newPlace)
  for (const group of groups) {
    const taken: { table: AnyTable; row: Row }[] = []
    for (const table of group) {
      const row = (await hands.rows(table)).at(-1)
      assert.ok(row, `${table.name} has rows`)
      await hands.remove(table, row)
      taken.push({ table, row })
    }
    const gone = await findingsIn(place)
    for (const { table, row } of taken) {
      const missed = table.name === 'audit' ? gone.some(({ code }) => code === 'LOG_CUT') : isNamed(gone, table, row)
      assert.ok(missed, `${table.name}: ${JSON.stringify(gone)}`)
      await hands.insert(table, row)
    }
  }
  assert.deepEqual(await findingsIn(place), [])
})

onEachDialect('a row that is put in is not believed', async (t, newPlace) => {
  const { place, hands } = await attacked(t, newPlace)
  for (const group of groups) {
    const put: { table: AnyTable; forged: Row }[] = []
    for (const table of group) {
      const row = (await hands.rows(table)).at(-1)
      const [first = ''] = table.key
      assert.ok(row, `${table.name} has rows`)
      const forged: Row = { ...row, [first]: changed(row[first]) }
      await hands.insert(table, forged)
      put.push({ table, forged })
    }
    const found = await findingsIn(place)
    for (const { table, forged } of put) {
      assert.ok(isNamed(found, table, forged), `${table.name}: ${JSON.stringify(found)}`)
      await hands.remove(table, forged)
    }
  }
  assert.deepEqual(await findingsIn(place), [])
})

/** Tables whose rows are never written twice, and why an older state of one cannot be put back. */
const writtenOnce: Readonly<Record<string, string>> = { audit: 'its place in the signed log is its own' }

onEachDialect('of every protected table: an older state of a row, put back whole, is named', async (t, newPlace) => {
  const place = await newPlace()
  const sealed = await openPlace(place)
  await populate(sealed)
  const hands = await handsOn(t, place)
  const older: { table: AnyTable; row: Row }[] = []
  for (const table of protectedTables) {
    const [row] = await hands.rows(table)
    if (!row || table.name in writtenOnce) continue
    older.push({ table, row })
    // Written anew, and saying the same: even then the older one is not the newest.
    await commit(sealed, [{ op: 'update', table: table.name, row, was: Number(row['change']) }])
  }
  await sealed.close()
  assert.deepEqual(await findingsIn(place), [])
  for (const { table, row } of older) await hands.put(table, row, row)
  const found = await findingsIn(place)
  for (const { table, row } of older) assert.ok(isReplayed(found, table, row), `${table.name} ${keyOf(table, row)}`)
  assert.equal(older.length, protectedTables.length - Object.keys(writtenOnce).length)
})

function isReplayed(found: readonly Finding[], table: AnyTable, row: Row): boolean {
  return found.some((finding) => finding.code === 'ROW_REPLAYED' && finding.table === table.name && finding.key === keyOf(table, row))
}
