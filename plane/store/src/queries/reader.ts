import type { Row } from '@headgate/model'
import type { Kysely } from 'kysely'
import type { Protection } from '../protection.ts'
import { type TableName, type Tables, tables } from '../schema/registry.ts'

/**
 * What the queries of a noun are made with. `check` and `checkOne` stand between the database and every caller, so a
 * protected row that was changed outside never leaves this package.
 */
export interface Reader {
  readonly read: Kysely<Tables>
  check<T extends TableName>(table: T, rows: readonly unknown[]): Promise<Tables[T][]>
  checkOne<T extends TableName>(table: T, row: unknown): Promise<Tables[T] | undefined>
}

export function readerOf(read: Kysely<Tables>, protection: Protection): Reader {
  const check = async <T extends TableName>(table: T, rows: readonly unknown[]): Promise<Tables[T][]> => {
    if (tables[table].protected) {
      const fetching = protection.fetchKeys?.(table, rows as readonly Row[])
      if (fetching) await fetching
      for (const row of rows) protection.check(table, row as Row)
    }
    return rows as Tables[T][]
  }
  return { read, check, checkOne: async (table, row) => (row === undefined ? undefined : (await check(table, [row]))[0]) }
}
