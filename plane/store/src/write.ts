import type { Row, Write } from '@headgate/model'
import type { TableName, Tables } from './schema/registry.ts'
import { tables } from './schema/registry.ts'
import type { Fields } from './schema/table.ts'

/** A new row. A row with its key, or with a unique value it repeats, makes the Change a conflict. */
export function insert<T extends TableName>(table: T, fields: Fields<Tables[T]>): Write {
  return { op: 'insert', table, row: fieldsOf(table, fields) }
}

/**
 * A row with some columns changed. `before` is the row as it was read: if another Change has written it since, this
 * one is a conflict, so no update is ever lost.
 */
export function update<T extends TableName>(table: T, before: Tables[T], set: Partial<Fields<Tables[T]>>): Write {
  return { op: 'update', table, row: fieldsOf(table, { ...before, ...set }), ...wasOf(before) }
}

/** A row put there whatever was there before. */
export function upsert<T extends TableName>(table: T, fields: Fields<Tables[T]>): Write {
  return { op: 'upsert', table, row: fieldsOf(table, fields) }
}

/** Removes a row; a conflict if another Change has written it since it was read. */
export function remove<T extends TableName>(table: T, before: Tables[T]): Write {
  return { op: 'delete', table, row: fieldsOf(table, before), ...wasOf(before) }
}

/** Only the columns of the table, so that a row with more (a joined one, say) cannot carry them in. */
function fieldsOf(table: TableName, row: object): Row {
  return Object.fromEntries(Object.keys(tables[table].columns).map((column) => [column, (row as Row)[column] ?? null]))
}

function wasOf(row: object): { was?: number } {
  return 'change' in row ? { was: row.change as number } : {}
}
