import type { Cell } from '@headgate/model'
import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { type Read, ReadDriver } from '../read-driver.ts'
import type { SqliteConnection } from './connection.ts'

/**
 * kysely over a node:sqlite connection, for reads. Statements come from the connection's cache.
 */
export function sqliteDialect(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ReadDriver(readWith(connection)),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function readWith(connection: SqliteConnection): Read {
  // What the rows are, the query says.
  return async (query) => ({ rows: (await connection.all(query.sql, query.parameters as readonly Cell[])) as never[] })
}
