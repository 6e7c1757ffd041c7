import type { Cell, Row } from '@headgate/model'
import { sql } from 'kysely'
import type { KeyRecordRow } from '../schema/keys.ts'
import { quoted } from '../schema/migration.ts'
import { type TableName, tables } from '../schema/registry.ts'
import type { UnauditedWrite } from '../unaudited.ts'
import type { Reader } from './reader.ts'

export function keyRotationQueries({ read, checkOne }: Reader) {
  return {
    /** The rotation that began last, ended or not. */
    newest: async () =>
      checkOne('key_rotations', await read.selectFrom('key_rotations').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst()),
  }
}

/** Ids per statement. */
const CHUNK = 500
/** Rows of a long list between two looks at whatever else there is to do. */
const STRIDE = 200

export function keyRecordQueries({ read, snapshot, check }: Reader) {
  return {
    /** All of one moment, in no order. There may be tens of thousands, so others get their turn in between. */
    list: async (): Promise<KeyRecordRow[]> => {
      const found: KeyRecordRow[] = []
      const view = await snapshot()
      try {
        let some: Row[] = []
        const take = async () => {
          for (const row of await check('key_records', some)) found.push(row)
          some = []
        }
        for await (const row of view.each('select * from "key_records"')) {
          some.push(row)
          if (some.length < STRIDE) continue
          await take()
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
        await take()
      } finally {
        await view.close()
      }
      return found
    },
    /** The records of these ids; one that is not there is absent from the map. */
    get: async (ids: readonly string[]): Promise<Map<string, KeyRecordRow>> => {
      const found = new Map<string, KeyRecordRow>()
      for (let start = 0; start < ids.length; start += CHUNK) {
        const rows = await read
          .selectFrom('key_records')
          .selectAll()
          .where('id', 'in', ids.slice(start, start + CHUNK))
          .execute()
        for (const row of await check('key_records', rows)) found.set(row.id, row)
      }
      return found
    },
  }
}

/** Some rows of a table, and the place behind which the next ones are; undefined where there are none. */
export interface RowPage {
  readonly rows: readonly Row[]
  readonly after: readonly Cell[] | undefined
}

/** What going through whole tables takes, row by row and page by page, whichever tables there are. */
export function rowQueries(reader: Reader, write: UnauditedWrite) {
  const { read, rowOrder } = reader
  return {
    /**
     * The rows behind a place, unchecked: whoever renews them checks each. In the order in which they lie on the disk,
     * where there is one: by keys, which are random for some tables, each row would be another page read and written.
     */
    page: async (table: TableName, after: readonly Cell[] | undefined, limit: number): Promise<RowPage> => {
      if (rowOrder === undefined) return pageByKey(reader, table, after, limit)
      const [place, named] = [sql.ref(rowOrder), sql.table(table)]
      // A key that is an integer is the row's place itself, and may be 0.
      const behind = Number(after?.[0] ?? Number.MIN_SAFE_INTEGER)
      const inside = sql`select ${place} as "place" from ${named} where ${place} > ${behind} order by ${place} limit ${limit}`
      const ends = await sql<{ last: number | null }>`select max("place") as "last" from (${inside})`.execute(read)
      const last = ends.rows[0]?.last ?? null
      if (last === null) return { rows: [], after: undefined }
      const { rows } = await sql<Row>`select * from ${named} where ${place} > ${behind} and ${place} <= ${last} order by ${place}`.execute(
        read,
      )
      return { rows, after: [last] }
    },
    count: async (table: TableName): Promise<number> => {
      const row = await read
        .selectFrom(table as 'tags')
        .select(({ fn }) => fn.countAll<number | bigint>().as('rows'))
        .executeTakeFirst()
      return Number(row?.rows ?? 0)
    },
    /** Renews the seal of a row of an unprotected table, if it still is the one that was read. */
    replaceSeal: async (table: TableName, row: Row, sealed: Uint8Array): Promise<boolean> => {
      if (tables[table].protected) throw new TypeError(`${table} is written by Changes`)
      const { key } = tables[table]
      const changed = await write(
        ({ placeholder }) => {
          const where = [...key, 'sealed'].map((column, n) => `${quoted(column)} = ${placeholder(n + 2)}`).join(' and ')
          return `update ${quoted(table)} set "sealed" = ${placeholder(1)} where ${where}`
        },
        [sealed, ...key.map((column) => row[column] ?? null), row['sealed'] ?? null],
      )
      return changed > 0
    },
  }
}

async function pageByKey({ read }: Reader, table: TableName, after: readonly Cell[] | undefined, limit: number): Promise<RowPage> {
  const key = tables[table].key as readonly never[]
  const all = read.selectFrom(table as 'tags').selectAll()
  const behind = after
    ? all.where(({ eb, refTuple, tuple }) => eb(onlyOr(refTuple, key), '>', onlyOr(tuple, after as readonly never[])))
    : all
  let ordered = behind
  for (const column of key) ordered = ordered.orderBy(column)
  const rows: readonly Row[] = await ordered.limit(limit).execute()
  const last = rows.at(-1)
  return { rows, after: last && key.map((column) => last[column] ?? null) }
}

/** A tuple of however many, and a single column as itself: the library types them by their number. */
function onlyOr(tupleOf: (...parts: [never, never]) => unknown, parts: readonly never[]): never {
  return tupleOf(...(parts as unknown as [never, never])) as never
}
