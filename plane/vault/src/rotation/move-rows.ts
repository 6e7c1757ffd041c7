import { type AuditRecord, type Cell, HeadgateError, type Row, type Write } from '@headgate/model'
import { type KeyRotationRow, type Store, type TableName, columnsOf, tables, upsert } from '@headgate/store'
import type { ChangeWriter } from '../change-writer.ts'
import type { Keyring } from '../keyring.ts'
import { rowFits, rowKey } from '../row-protection.ts'
import { rotatedTables } from './count-keys.ts'
import { othersTurn } from './others-turn.ts'
import { type Outdated, outdated, renewed, renewedColumns } from './renew-row.ts'

/** How far rows have been brought under the keys in use. */
export interface MoveProgress {
  readonly table: string
  /** Rows looked at, and those of them that were renewed. */
  readonly seen: number
  readonly renewed: number
}

export interface MoveOptions {
  readonly store: Store
  readonly changes: ChangeWriter
  readonly keyring: Keyring
  readonly now: () => number
  /** Rows looked at between two commits. */
  readonly batch: number
  readonly onBatch: (progress: MoveProgress) => void
  readonly isClosed: () => boolean
}

/** Where a cut-off rotation goes on. It saves time only: what is under an old key is found by looking at every row in the end. */
export const POSITION_SETTING = 'key-rotation'

interface Position {
  readonly rotation: number
  /** The Change that gave the rotation its state: going back starts anew. */
  readonly since: number
  readonly table: string
  readonly after: readonly (string | number)[]
  readonly seen: number
  readonly renewed: number
}

/** How often a page is tried whose rows others write at the same time, before it is made smaller. */
const ATTEMPTS = 3
/** With a page of one row long since; whatever is in the way does not go away. */
export const LAST_ATTEMPT = 100

/** Somebody else has gone on with the rotation meanwhile, or it was told to turn back. Not a failure. */
export class Overtaken extends Error {}

/**
 * Brings every row under the keys in use, a page at a time; each page is one Change with its audit record, and says
 * where to go on. Reads and writes go on in between. A row that does not fit its MAC is left as it is and ends the work:
 * a new MAC would vouch for it.
 *
 * @throws Overtaken, ROW_TAMPERED, SEAL_TAMPERED, STORE_UNAVAILABLE
 */
export async function moveRows(rotation: KeyRotationRow, options: MoveOptions): Promise<MoveProgress> {
  const { store } = options
  const all = rotatedTables(rotation.what)
  const kept = await readPosition(store, rotation)
  const first = kept ? Math.max(all.indexOf(kept.table as TableName), 0) : 0
  let position: Position = kept ?? { rotation: rotation.number, since: rotation.change, table: '', after: [], seen: 0, renewed: 0 }
  for (const table of all.slice(first)) {
    let after: readonly Cell[] | undefined = kept?.table === table ? kept.after : undefined
    for (;;) {
      if (options.isClosed()) throw new Overtaken()
      const { page, work } = await movePage(rotation, options, table, after, position)
      if (!page) break
      position = work
      after = position.after
      options.onBatch(position)
      await othersTurn()
    }
  }
  return position
}

/** One page, with fewer rows each time others keep writing to some of them. `page` is false behind the last row. */
async function movePage(
  rotation: KeyRotationRow,
  options: MoveOptions,
  table: TableName,
  after: readonly Cell[] | undefined,
  position: Position,
): Promise<{ readonly page: boolean; readonly work: Position }> {
  const { store, changes, keyring } = options
  for (let tried = 1; ; tried += 1) {
    const size = Math.max(1, Math.floor(options.batch / 2 ** Math.floor(tried / ATTEMPTS)))
    const { rows, after: last } = await store.rows.page(table, after, size)
    if (last === undefined) return { page: false, work: position }
    const old = outdatedOf(keyring, table, rows)
    const work: Position = {
      ...position,
      table,
      after: last as readonly (string | number)[],
      seen: position.seen + rows.length,
      renewed: position.renewed + old.length,
    }
    if (old.length === 0) return { page: true, work }
    if (!tables[table].protected) {
      for (const { row } of old) await store.rows.replaceSeal(table, row, renewed(keyring, table, row)['sealed'] as Uint8Array)
      return { page: true, work }
    }
    const result = await changes.renew({
      expect: [expectRotation(rotation)],
      writes: [...(await writesOf(keyring, table, old)), upsert('settings', { name: POSITION_SETTING, value: JSON.stringify(work) })],
      audit: await auditOf(store, rotation, 'keys.renew', options.now(), { table, rows: old.length }),
    })
    if (result.ok) return { page: true, work }
    if ((await store.keyRotations.newest())?.change !== rotation.change) throw new Overtaken()
    if (tried === LAST_ATTEMPT) throw new HeadgateError(result.problem.code, result.problem.details)
  }
}

interface OldRow {
  readonly row: Row
  readonly what: Outdated
}

function outdatedOf(keyring: Keyring, table: TableName, rows: readonly Row[]): OldRow[] {
  const old: OldRow[] = []
  for (const row of rows) {
    const what = outdated(keyring, table, row)
    if (!what) continue
    // A row as the database gives it takes ten times as long to copy as one that is made here, and it is copied twice.
    const copy: Record<string, Cell> = {}
    for (const column of columnsOf(tables[table])) copy[column] = row[column] ?? null
    old.push({ row: copy, what })
  }
  return old
}

/** Rows renewed before others get their turn: what one of them takes is some hundredths of a millisecond. */
const STRIDE = 50

async function writesOf(keyring: Keyring, table: TableName, old: readonly OldRow[]): Promise<Write[]> {
  const writes: Write[] = []
  for (const each of old) {
    writes.push(writeOf(keyring, table, each))
    if (writes.length % STRIDE === 0) await othersTurn()
  }
  return writes
}

function writeOf(keyring: Keyring, table: TableName, { row, what }: OldRow): Write {
  if (!rowFits(keyring, table, row)) throw new HeadgateError('ROW_TAMPERED', { table, key: rowKey(table, row) })
  const now = what.seal || what.root ? renewed(keyring, table, row, what.seal) : row
  const write = { op: 'update', table, row: now, renews: renewedColumns(table) } as const
  // The number of an audit record is its key, and stays.
  return table === 'audit' ? write : { ...write, was: Number(row['change']) }
}

/** Whoever moves rows is fenced out as soon as the rotation is told to do something else. */
export function expectRotation({ number, change }: KeyRotationRow) {
  return { kind: 'row', table: 'key_rotations', key: { number }, state: change, name: 'the rotation of keys' } as const
}

/** The record of a step, where the organisation's own records are: whoever began the rotation reads there how it went on. */
export async function auditOf(
  store: Store,
  rotation: Pick<KeyRotationRow, 'number' | 'what'>,
  action: string,
  time: number,
  details: Record<string, string | number>,
): Promise<AuditRecord> {
  const [organisation] = await store.organisations.list()
  return {
    time,
    organisation: organisation?.id ?? null,
    actor: null,
    actorName: 'headgate',
    action,
    resource: `organisation:${organisation?.name ?? ''}`,
    outcome: 'ok' as const,
    details: { rotation: rotation.number, what: rotation.what, ...details },
  }
}

/** Where this rotation, in this direction, was cut off; undefined where it begins. */
async function readPosition(store: Store, rotation: KeyRotationRow): Promise<Position | undefined> {
  try {
    const position = JSON.parse((await store.settings.get(POSITION_SETTING)) ?? '{}') as Position
    return position.rotation === rotation.number && position.since === rotation.change && Array.isArray(position.after)
      ? position
      : undefined
  } catch {
    return undefined
  }
}
