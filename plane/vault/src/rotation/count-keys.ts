import { KEY_ID_LENGTH, sealKeyId, sealOverhead } from '@headgate/crypto'
import type { Cell, Row } from '@headgate/model'
import { type Database, type Snapshot, type TableName, tables } from '@headgate/store'
import { othersTurn } from './others-turn.ts'
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

/** A version and a key's id: what a seal and a MAC begin with. */
const HEADER_LENGTH = 1 + KEY_ID_LENGTH
/** Places in the order of the rows that one statement counts: what they take is some thousandths of a second. */
const STRIDE = 4_096

/**
 * Has the database count every row there is, of one state of it, by the keys the row names, and adds up those under
 * keys that go. Changes nothing, and trusts nothing but the rows: it does not go through them as those do who moved them.
 *
 * @throws SEAL_UNKNOWN, SEAL_TAMPERED where a sealed value names no key
 */
export async function countKeys(
  database: Pick<Database, 'snapshot' | 'rowOrder'>,
  what: 'root' | 'data' | 'all',
  isLeaving: (id: string) => boolean,
  isLeavingRoot: (id: string) => boolean,
): Promise<KeyCount> {
  const counted: Record<string, number> = {}
  const snapshot = await database.snapshot()
  let rows = 0
  let underOld = 0
  try {
    for (const table of rotatedTables(what)) {
      const before = rows
      for await (const group of groupsOf(snapshot, table, database.rowOrder)) {
        if ('seal' in group) await requireSeal(snapshot, table, group)
        const count = Number(group['rows'])
        rows += count
        if (keysOf(group).some(isLeaving) || isLeavingRoot(String(group['root'] ?? ''))) underOld += count
      }
      counted[table] = rows - before
    }
  } finally {
    await snapshot.close()
  }
  return { rows, underOld, tables: counted }
}

/** Rows with the same keys, counted: all of a table at once, or where that would keep everybody waiting a stretch at a time. */
async function* groupsOf(snapshot: Snapshot, table: TableName, rowOrder: Database['rowOrder']): AsyncGenerator<Row> {
  const select = selectionOf(table)
  if (rowOrder === undefined) return yield* await snapshot.all(`${select.what} ${select.grouped}`)
  let from = await firstPlace(snapshot, table, rowOrder, Number.MIN_SAFE_INTEGER)
  while (from !== undefined) {
    const end: number = from + STRIDE
    yield* await snapshot.all(`${select.what} where ${rowOrder} >= ? and ${rowOrder} < ? ${select.grouped}`, [from, end])
    await othersTurn()
    from = await firstPlace(snapshot, table, rowOrder, end)
  }
}

async function firstPlace(snapshot: Snapshot, table: TableName, rowOrder: string, from: number): Promise<number | undefined> {
  const [row] = await snapshot.all(`select min(${rowOrder}) as "place" from "${table}" where ${rowOrder} >= ?`, [from])
  const place = row?.['place'] ?? null
  return place === null ? undefined : Number(place)
}

function selectionOf(table: TableName): { readonly what: string; readonly grouped: string } {
  const header = (column: string) => `substr("${column}", 1, ${HEADER_LENGTH})`
  const headers = [
    ...('sealed' in tables[table].columns ? [{ name: 'seal', text: header('sealed') }] : []),
    ...(tables[table].protected ? [{ name: 'mac', text: header('mac') }] : []),
    ...(table === 'key_records' ? [{ name: 'root', text: '"root"' }] : []),
  ]
  const shortest = 'sealed' in tables[table].columns ? ', min(length("sealed")) as "shortest"' : ''
  return {
    what: `select count(*) as "rows"${shortest}, ${headers.map(({ name, text }) => `${text} as "${name}"`).join(', ')} from "${table}"`,
    grouped: `group by ${headers.map(({ text }) => text).join(', ')}`,
  }
}

/** A seal that names no key counts under none, so it is not passed over: whoever looks for it is told which row it is in. */
async function requireSeal(snapshot: Snapshot, table: TableName, group: Row): Promise<void> {
  // An empty value begins with nothing, which one of the dialects calls null.
  const header = (group['seal'] as Uint8Array | null) ?? new Uint8Array()
  if (Number(group['shortest']) >= (sealOverhead(header[0]) ?? Number.POSITIVE_INFINITY)) return
  const alike = `coalesce(substr("sealed", 1, ${HEADER_LENGTH}), ?) = ?`
  const [row] = await snapshot.all(`select * from "${table}" where ${alike} order by length("sealed") limit 1`, [new Uint8Array(), header])
  const place = row && sealPlaceOf(table, row)
  if (place) sealKeyId(row['sealed'] as Uint8Array, place)
}

/** The data keys of rows: that of their seals, that of their MACs. */
function keysOf({ seal, mac }: Row): string[] {
  return [seal, mac].flatMap((header: Cell | undefined) =>
    header instanceof Uint8Array ? [Buffer.from(header.subarray(1)).toString('hex')] : [],
  )
}
