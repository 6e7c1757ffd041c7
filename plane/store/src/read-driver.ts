import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'

/** How one dialect answers a read. */
export type Read = <R>(query: CompiledQuery) => Promise<QueryResult<R>>

/** kysely's driver for reads alone. Writes do not pass here: they are the writer's, which has a connection of its own. */
export class ReadDriver implements Driver {
  readonly #connection: DatabaseConnection

  constructor(read: Read) {
    this.#connection = {
      executeQuery: read,
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
