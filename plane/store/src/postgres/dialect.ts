import { HeadgateError } from '@headgate/model'
import { type Dialect, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type pg from 'pg'
import { type Read, ReadDriver } from '../read-driver.ts'
import { postgresFault } from './fault.ts'
import { statementNames } from './statement-names.ts'

/** How often a read is tried. */
const ATTEMPTS = 3

/** kysely over a pool of connections, for reads. */
export function postgresDialect(pool: pg.Pool, place: string): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new ReadDriver(readWith(pool, place)),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

/** A connection of the pool may have died since it was used last. A read can be done again. */
function readWith(pool: pg.Pool, place: string): Read {
  const named = statementNames()
  return async (query) => {
    for (let tried = 1; ; tried += 1) {
      try {
        const { rows } = await pool.query({ ...named(query.sql), values: [...query.parameters] })
        return { rows: rows as never[] }
      } catch (error) {
        if (postgresFault(error).kind !== 'lost' || tried === ATTEMPTS) throw unreachable(error, place)
      }
    }
  }
}

/** What a failed read is to whoever asked: trouble with the server in words, and anything else as it is. */
export function unreachable(error: unknown, place: string): unknown {
  const { kind, reason } = postgresFault(error)
  if (kind !== 'lost' && kind !== 'unavailable') return error
  return new HeadgateError('DATABASE_UNREACHABLE', { place, reason }, { cause: error })
}
