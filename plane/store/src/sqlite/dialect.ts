import { type Cell, HeadgateError } from '@headgate/model'
import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { type Read, ReadDriver } from '../read-driver.ts'
import { type SqliteConnection, isDamage, sqliteFault } from './connection.ts'

/**
 * kysely over a node:sqlite connection, for reads. Statements come from the connection's cache.
 *
 * @param place the data folder, for what is said of a file that cannot be read
 */
export function sqliteDialect(connection: SqliteConnection, place: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ReadDriver(readWith(connection, place)),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function readWith(connection: SqliteConnection, place: string): Read {
  return async (query) => {
    try {
      // What the rows are, the query says.
      return { rows: (await connection.all(query.sql, query.parameters as readonly Cell[])) as never[] }
    } catch (error) {
      throw unreadable(error, place)
    }
  }
}

/** What a failed read is to whoever asked: trouble with the file or the disk in words, and anything else as it is. */
function unreadable(error: unknown, place: string): unknown {
  const { kind, reason } = sqliteFault(error)
  if (isDamage(error)) return new HeadgateError('DATA_DAMAGED', { folder: place, reason }, { cause: error })
  return kind === 'unavailable' ? new HeadgateError('STORE_UNAVAILABLE', { reason }, { cause: error }) : error
}
