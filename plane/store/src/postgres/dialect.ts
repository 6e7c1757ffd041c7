import { HeadgateError } from '@headgate/model'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type pg from 'pg'
import { postgresFault } from './fault.ts'
import { statementNames } from './statement-names.ts'

/** How often a read is tried. */
const ATTEMPTS = 3

/** kysely over a pool of connections, for reads. Writes do not pass here: they are the writer's. */
export function postgresDialect(pool: pg.Pool, place: string): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new ReadDriver(pool, place),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

class ReadDriver implements Driver {
  readonly #connection: DatabaseConnection

  constructor(pool: pg.Pool, place: string) {
    const named = statementNames()
    const read = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      const { rows } = await pool.query({ ...named(query.sql), values: [...query.parameters] })
      return { rows: rows as R[] }
    }
    this.#connection = {
      // A connection of the pool may have died since it was used last. A read can be done again.
      async executeQuery<R>(query: CompiledQuery) {
        for (let tried = 1; ; tried += 1) {
          try {
            return await read<R>(query)
          } catch (error) {
            if (postgresFault(error).kind !== 'lost' || tried === ATTEMPTS) throw unreachable(error, place)
          }
        }
      },
      streamQuery() {
        throw new Error('reads are paged, not streamed')
      },
    }
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(): Promise<void> {
    throw new Error('only the writer opens transactions')
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** What a failed read is to whoever asked: trouble with the server in words, and anything else as it is. */
export function unreachable(error: unknown, place: string): unknown {
  const { kind, reason } = postgresFault(error)
  if (kind !== 'lost' && kind !== 'unavailable') return error
  return new HeadgateError('DATABASE_UNREACHABLE', { place, reason }, { cause: error })
}
