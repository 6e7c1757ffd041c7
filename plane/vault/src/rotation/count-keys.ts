import { rowMacKeyId, sealKeyId } from '@headgate/crypto'
import type { Cell, Row } from '@headgate/model'
import { type Store, type TableName, tables } from '@headgate/store'
import { sealPlaceOf, sealedTables } from './seal-places.ts'

/** What was read, table by table, and which keys it was under: shown to whoever rotates, and kept in the audit log. */
export interface KeyCount {
  /** Rows read. */
  readonly rows: number
  /** Of them, rows under a key that goes. */
  readonly underOld: number
  /** Rows read by table. */
  readonly tables: Readonly<Record<string, number>>
}

const PAGE = 1_000

/** The tables a rotation goes through, key records first: what comes later is written with keys that are there. */
export function rotatedTables(what: 'root' | 'data' | 'all'): TableName[] {
  if (what === 'root') return ['key_records']
  const all = Object.values(tables).flatMap((table) => (table.protected && table.name !== 'key_records' ? [table.name as TableName] : []))
  return ['key_records', ...new Set([...all, ...sealedTables()])]
}

/** Reads every row there is and counts those under keys that go. Changes nothing, and trusts nothing but the rows. */
export async function countKeys(
  store: Store,
  what: 'root' | 'data' | 'all',
  isLeaving: (id: string) => boolean,
  isLeavingRoot: (id: string) => boolean,
): Promise<KeyCount> {
  const counted: Record<string, number> = {}
  let rows = 0
  let underOld = 0
  for (const table of rotatedTables(what)) {
    counted[table] = 0
    for await (const page of pagesOf(store, table, PAGE)) {
      for (const row of page) if (keysOf(table, row).some(isLeaving) || isLeavingRoot(rootOf(table, row))) underOld += 1
      rows += page.length
      counted[table] += page.length
    }
  }
  return { rows, underOld, tables: counted }
}

/** All rows of a table in the order of their keys, a page at a time, giving way to other work in between. */
export async function* pagesOf(store: Store, table: TableName, size: number, after?: readonly Cell[]): AsyncGenerator<Row[]> {
  for (let from = after; ;) {
    const page = await store.rows.page(table, from, size)
    const last = page.at(-1)
    if (!last) return
    yield page
    if (page.length < size) return
    from = keyCells(table, last)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

export function keyCells(table: TableName, row: Row): Cell[] {
  return tables[table].key.map((column) => row[column] ?? null)
}

/** The data keys a row names: that of its seal, that of its MAC. */
function keysOf(table: TableName, row: Row): string[] {
  const place = sealPlaceOf(table, row)
  const mac = rowMacKeyId(row['mac'])
  return [...(place ? [sealKeyId(row['sealed'] as Uint8Array, place)] : []), ...(mac === undefined ? [] : [mac])]
}

function rootOf(table: TableName, row: Row): string {
  return table === 'key_records' ? String(row['root']) : ''
}
