/** How a column is kept: a 64-bit integer, text, or bytes; `?` where it may be null. Times are integers, JSON is text. */
export type ColumnType = 'integer' | 'text' | 'bytes' | 'integer?' | 'text?' | 'bytes?'

/** What every protected row carries besides its own columns. */
export interface Protected {
  /** The number of the Change that last wrote the row. */
  readonly change: number
  /** Over the table's name and every other column, `change` among them. */
  readonly mac: Uint8Array
}

/** A row as a use case writes it: `change` and `mac` are filled in when its Change is sealed. */
export type Fields<R> = Omit<R, 'change' | 'mac'>

/**
 * One table as the store handles it. Protected tables carry `change` and `mac`, which are not listed in `columns`.
 * A test compares each definition with what the migrations made.
 */
export interface TableDefinition<R> {
  readonly name: string
  readonly protected: boolean
  /** The columns of its primary key. */
  readonly key: readonly (Exclude<keyof R, 'mac'> & string)[]
  readonly columns: { readonly [C in keyof Fields<R> & string]: ColumnType }
}

/** Any table, where it does not matter which. */
export interface AnyTable {
  readonly name: string
  readonly protected: boolean
  readonly key: readonly string[]
  readonly columns: Readonly<Record<string, ColumnType>>
}

export function defineTable<R>(definition: TableDefinition<R>): TableDefinition<R> {
  return definition
}

const columnLists = new WeakMap<AnyTable, readonly string[]>()

/** Every column as it stands in the database, in the order it is written. */
export function columnsOf(table: AnyTable): readonly string[] {
  let columns = columnLists.get(table)
  if (!columns) columnLists.set(table, (columns = [...Object.keys(table.columns), ...(table.protected ? ['change', 'mac'] : [])]))
  return columns
}
