import type { Cell, Row } from '@headgate/model'
import type pg from 'pg'
import type { Snapshot } from '../database.ts'
import { unreachable } from './dialect.ts'

/** Rows fetched at once. */
const STRIDE = 1_000

/** A view of this moment, on a connection of its own that ends with it. */
export async function postgresSnapshot(connect: () => Promise<pg.Client>, place: string): Promise<Snapshot> {
  const client = await connect()
  const query = async (text: string, values: readonly Cell[] = []): Promise<Row[]> => {
    try {
      return (await client.query<Row>(text, [...values])).rows
    } catch (error) {
      throw unreachable(error, place)
    }
  }
  // The view is taken by the first statement that reads, not by `begin`.
  await query('begin transaction isolation level repeatable read read only')
  await query('select 1 from "schema_history" limit 1')
  return snapshotOn(query, async () => {
    await client.end().catch(() => undefined)
  })
}

/** The same over a transaction that is open already, and what it has written. */
export function snapshotOn(query: (text: string, values?: readonly Cell[]) => Promise<Row[]>, close: () => Promise<void>): Snapshot {
  let cursors = 0
  return {
    async *each(sql, parameters) {
      const cursor = `headgate_${(cursors += 1)}`
      await query(`declare ${cursor} no scroll cursor for ${numbered(sql)}`, parameters)
      for (;;) {
        const rows = await query(`fetch ${STRIDE} from ${cursor}`)
        yield* rows
        if (rows.length < STRIDE) break
      }
      await query(`close ${cursor}`)
    },
    all: (sql, parameters) => query(numbered(sql), parameters),
    close,
  }
}

/** `?` as this dialect numbers it. None of our texts has one that is no parameter. */
function numbered(sql: string): string {
  let n = 0
  return sql.replaceAll('?', () => `$${(n += 1)}`)
}
