import type { Cell, Row } from '@headgate/model'
import type { Snapshot } from '../database.ts'
import { type SqliteConnection, openConnection } from './connection.ts'

/**
 * A view of a file as it is now.
 *
 * @param shared the connection to use instead of one of its own: a database in memory has no other
 */
export function snapshotOf(file: string, shared: SqliteConnection | undefined): Snapshot {
  const connection = shared ?? openConnection(file, 'read')
  if (!shared) {
    connection.raw.exec('begin')
    // The view is taken by the first read, not by `begin`.
    connection.raw.prepare('select 1 from "schema_history" limit 1').all()
  }
  return {
    each: (sql, parameters) => eachOf(connection, sql, parameters),
    all: async (sql, parameters = []) => connection.statement(sql).all(...parameters) as Row[],
    async close() {
      if (!shared) connection.close()
    },
  }
}

async function* eachOf(connection: SqliteConnection, sql: string, parameters: readonly Cell[] = []): AsyncGenerator<Row> {
  yield* connection.each(sql, parameters)
}
