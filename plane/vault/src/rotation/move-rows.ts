import { PLANE_ACTOR, type AuditRecord, type Cell, HeadgateError, type Row, type Write } from '@headgate/model'
import { type KeyRotationRow, type Store, type TableName, columnsOf, tables, upsert } from '@headgate/store'
import type { ChangeWriter } from '../change-writer.ts'
import type { Keyring } from '../keyring.ts'
import { rowFits, rowKey } from '../row-protection.ts'
import { rotatedTables } from './count-keys.ts'
import { othersTurn } from './others-turn.ts'
import { type Outdated, outdated, renewedColumns, withSeal } from './renew-row.ts'
import type { Resealer } from './resealer.ts'

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
  readonly resealer: Resealer
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
 * The page that comes next is read, and its values are on their way to be sealed, before a page is written: another
 * thread has them ready by then.
 *
 * @throws Overtaken, ROW_TAMPERED, SEAL_TAMPERED, STORE_UNAVAILABLE
 */
export async function moveRows(rotation: KeyRotationRow, options: MoveOptions): Promise<MoveProgress> {
  const all = rotatedTables(rotation.what)
  const kept = await readPosition(options.store, rotation)
  const first = kept ? Math.max(all.indexOf(kept.table as TableName), 0) : 0
  let position: Position = kept ?? { rotation: rotation.number, since: rotation.change, table: '', after: [], seen: 0, renewed: 0 }
  for (const table of all.slice(first)) {
    let page = await readPage(options, table, kept?.table === table ? kept.after : undefined)
    while (page) {
      if (options.isClosed()) throw new Overtaken()
      const ahead = await readPage(options, table, page.last)
      const moved = await movePage(rotation, options, page, position)
      position = moved.position
      options.onBatch(position)
      await othersTurn()
      page = moved.last === page.last ? ahead : await readPage(options, table, moved.last)
    }
  }
  return position
}

/** Rows of a table as they are read, and what is to become of them. */
interface Page {
  readonly table: TableName
  /** The keys of the row before its first, and of its last. */
  readonly after: readonly Cell[] | undefined
  readonly last: readonly Cell[]
  readonly seen: number
  readonly old: readonly OldRow[]
  /** The seals of the old rows that have one to be renewed, as they will be. */
  readonly seals: Promise<readonly Uint8Array[]>
}

/** @returns undefined behind the last row */
async function readPage(
  { store, keyring, resealer, batch }: MoveOptions,
  table: TableName,
  after: readonly Cell[] | undefined,
  size = batch,
): Promise<Page | undefined> {
  const { rows, after: last } = await store.rows.page(table, after, size)
  if (last === undefined) return undefined
  const old = outdatedOf(keyring, table, rows)
  const seals = resealer.reseal(old.flatMap(({ what }) => (what.seal ? [what.seal] : [])))
  // Whoever writes the page hears of it; it may come to an end before somebody does.
  seals.catch(() => undefined)
  return { table, after, last, seen: rows.length, old, seals }
}

/** Writes one page, with fewer rows each time others keep writing to some of them. `last` says how far it came. */
async function movePage(
  rotation: KeyRotationRow,
  options: MoveOptions,
  asRead: Page,
  position: Position,
): Promise<{ readonly last: readonly Cell[] | undefined; readonly position: Position }> {
  const { store, changes, keyring } = options
  const { table, after } = asRead
  for (let page = asRead, tried = 1; ; tried += 1) {
    const { last, seen, old } = page
    const moved: Position = {
      ...position,
      table,
      after: last as readonly (string | number)[],
      seen: position.seen + seen,
      renewed: position.renewed + old.length,
    }
    if (old.length === 0) return { last, position: moved }
    if (!tables[table].protected) {
      for (const { was, now } of renewedRows(page, await page.seals)) await store.rows.replaceSeal(table, was, now['sealed'] as Uint8Array)
      return { last, position: moved }
    }
    const result = await changes.renew({
      expect: [expectRotation(rotation)],
      writes: [...(await writesOf(keyring, page)), upsert('settings', { name: POSITION_SETTING, value: JSON.stringify(moved) })],
      audit: await auditOf(store, rotation, 'keys.renew', options.now(), { table, rows: old.length }),
    })
    if (result.ok) return { last, position: moved }
    if ((await store.keyRotations.newest())?.change !== rotation.change) throw new Overtaken()
    if (tried === LAST_ATTEMPT) throw new HeadgateError(result.problem.code, result.problem.details)
    const size = Math.max(1, Math.floor(options.batch / 2 ** Math.floor((tried + 1) / ATTEMPTS)))
    const again = await readPage(options, table, after, size)
    if (!again) return { last: after, position }
    page = again
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

async function writesOf(keyring: Keyring, page: Page): Promise<Write[]> {
  const { table, old } = page
  for (const [n, { row }] of old.entries()) {
    if (!rowFits(keyring, table, row)) throw new HeadgateError('ROW_TAMPERED', { table, key: rowKey(table, row) })
    if (n % STRIDE === STRIDE - 1) await othersTurn()
  }
  const renews = renewedColumns(table)
  return renewedRows(page, await page.seals).map(({ was, now }) => {
    const write = { op: 'update', table, row: now, renews } as const
    // The number of an audit record is its key, and stays.
    return table === 'audit' ? write : { ...write, was: Number(was['change']) }
  })
}

function renewedRows({ table, old }: Page, seals: readonly Uint8Array[]): { readonly was: Row; readonly now: Row }[] {
  let next = 0
  return old.map(({ row, what: { seal } }) => {
    if (!seal) return { was: row, now: row }
    next += 1
    return { was: row, now: withSeal(table, row, seal, seals[next - 1] as Uint8Array) }
  })
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
    ...PLANE_ACTOR,
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
