import { rowMacKeyId, sealKeyId } from '@headgate/crypto'
import type { Row } from '@headgate/model'
import { type Database, type TableName, tables } from '@headgate/store'
import { createPacer } from '../verify/finding.ts'
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

/** The tables a rotation goes through, key records first: what comes later is written with keys that are there. */
export function rotatedTables(what: 'root' | 'data' | 'all'): TableName[] {
  if (what === 'root') return ['key_records']
  const all = Object.values(tables).flatMap((table) => (table.protected && table.name !== 'key_records' ? [table.name as TableName] : []))
  return ['key_records', ...new Set([...all, ...sealedTables()])]
}

/**
 * Reads every row there is, of one state of the database, and counts those under keys that go. Changes nothing, and trusts
 * nothing but the rows: it does not go through them as those do who moved them.
 */
export async function countKeys(
  database: Pick<Database, 'snapshot'>,
  what: 'root' | 'data' | 'all',
  isLeaving: (id: string) => boolean,
  isLeavingRoot: (id: string) => boolean,
): Promise<KeyCount> {
  const counted: Record<string, number> = {}
  const pause = createPacer()
  const snapshot = await database.snapshot()
  let rows = 0
  let underOld = 0
  try {
    for (const table of rotatedTables(what)) {
      const before = rows
      for await (const row of snapshot.each(`select * from "${table}"`)) {
        await pause()
        rows += 1
        if (keysOf(table, row).some(isLeaving) || isLeavingRoot(rootOf(table, row))) underOld += 1
      }
      counted[table] = rows - before
    }
  } finally {
    await snapshot.close()
  }
  return { rows, underOld, tables: counted }
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
