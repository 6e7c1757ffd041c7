import type { Row } from '@headgate/model'
import type { CompiledQuery, Kysely, SelectQueryBuilder } from 'kysely'
import type { Database } from '../database.ts'
import type { Protection } from '../protection.ts'
import { type TableName, type Tables, tables } from '../schema/registry.ts'

/**
 * What the queries of a noun are made with. `one`, `check` and `checkOne` stand between the database and every caller, so a
 * protected row that was changed outside never leaves this package.
 */
export interface Reader {
  readonly read: Kysely<Tables>
  readonly rowOrder: Database['rowOrder']
  readonly snapshot: Database['snapshot']
  /** The row in which these columns hold this. Its statement is made once: this is what requests ask most. */
  one<T extends TableName>(table: T, key: Partial<Tables[T]>): Promise<Tables[T] | undefined>
  check<T extends TableName>(table: T, rows: readonly unknown[]): Promise<Tables[T][]>
  checkOne<T extends TableName>(table: T, row: unknown): Promise<Tables[T] | undefined>
}

export function readerOf({ read, rowOrder, snapshot }: Pick<Database, 'read' | 'rowOrder' | 'snapshot'>, protection: Protection): Reader {
  const check = async <T extends TableName>(table: T, rows: readonly unknown[]): Promise<Tables[T][]> => {
    if (tables[table].protected) {
      const fetching = protection.fetchKeys?.(table, rows as readonly Row[])
      if (fetching) await fetching
      for (const row of rows) protection.check(table, row as Row)
    }
    return rows as Tables[T][]
  }
  const checkOne: Reader['checkOne'] = async (table, row) => (row === undefined ? undefined : (await check(table, [row]))[0])
  const ask = keyedReads(read)
  return { read, rowOrder, snapshot, one: async (table, key) => checkOne(table, await ask(table, key as Row)), check, checkOne }
}

/** Reads by keys, each kind of them composed and compiled once. */
function keyedReads(read: Kysely<Tables>): (table: TableName, key: Row) => Promise<unknown> {
  const known = new Map<string, CompiledQuery>()
  const compile = (table: TableName, key: Row): CompiledQuery => {
    const { ref } = read.dynamic
    let query = (read.selectFrom(table) as SelectQueryBuilder<Tables, TableName, object>).selectAll()
    for (const [column, cell] of Object.entries(key)) query = query.where(ref(column), cell === null ? 'is' : '=', cell)
    return query.limit(1).compile()
  }
  return async (table, key) => {
    const cells = Object.values(key)
    const name = `${table} ${Object.keys(key).join(' ')} ${cells.map((cell) => (cell === null ? 0 : 1)).join('')}`
    let compiled = known.get(name)
    if (!compiled) known.set(name, (compiled = compile(table, key)))
    // What is null stands in the text; how many rows at most is the last parameter.
    const parameters = [...cells.filter((cell) => cell !== null), 1]
    return (await read.executeQuery<unknown>({ ...compiled, parameters })).rows[0]
  }
}
