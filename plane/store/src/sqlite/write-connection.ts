import type { WriteConnection } from '../connection.ts'
import type { SqliteConnection } from './connection.ts'

/** Two look-ups in indexes. One query for both greatest values would go through the whole table. */
const HEAD = 'select (select max("change") from "audit") as "change", (select max("leaf") from "audit") as "leaf"'

/** The writer's connection of a file. The lock of the folder keeps other processes out, so nobody has to be told. */
export function writeConnectionOf(connection: SqliteConnection): WriteConnection {
  return {
    run: connection.run,
    all: connection.all,
    script: connection.script,
    placeholder: connection.placeholder,
    rowsPerInsert: connection.rowsPerInsert,
    async begin() {
      await connection.run('begin')
      const [head] = await connection.all(HEAD)
      const last = head?.['leaf'] ?? null
      return { change: Number(head?.['change'] ?? 0), size: last === null ? 0 : Number(last) + 1 }
    },
    queue(sql) {
      connection.statement(sql).run()
    },
    async commit() {
      await connection.run('commit')
    },
    async rollback() {
      // After a failed commit it depends on the failure whether the transaction is still open.
      if (connection.raw.isTransaction) await connection.run('rollback').catch(() => undefined)
    },
  }
}
