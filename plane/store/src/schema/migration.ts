import { type AnyTable, type ColumnType, columnsOf } from './table.ts'

/** What a migration is written in: each call is one statement in the database's own dialect. */
export interface SchemaBuilder {
  /** A table by its definition. `references` are foreign keys, `column: 'table.column'`. */
  table(definition: AnyTable, options?: { readonly references?: Readonly<Record<string, string>> }): string
  /** `whereNull` makes it an index of the rows in which that column is null. */
  index(
    name: string,
    table: string,
    columns: readonly string[],
    options?: { readonly unique?: boolean; readonly whereNull?: string },
  ): string
  addColumn(table: string, column: string, type: ColumnType): string
}

/** One step of the schema. Its name never changes once a database may have been through it. */
export interface Migration {
  readonly name: string
  readonly up: (schema: SchemaBuilder) => readonly string[]
}

/** How a dialect spells the three column types, and what it puts behind a table. */
export interface SchemaDialect {
  readonly types: Readonly<Record<'integer' | 'text' | 'bytes', string>>
  readonly tableSuffix: string
}

export function schemaBuilder(dialect: SchemaDialect): SchemaBuilder {
  const typed = (type: ColumnType) =>
    type.endsWith('?') ? dialect.types[type.slice(0, -1) as 'integer'] : `${dialect.types[type as 'integer']} not null`
  return {
    table(definition, { references = {} } = {}) {
      const parts = columnsOf(definition).map((column) => {
        const reference = references[column]?.split('.')
        const foreign = reference ? ` references ${quoted(reference[0] ?? '')} (${quoted(reference[1] ?? '')})` : ''
        return `${quoted(column)} ${typed(columnType(definition, column))}${foreign}`
      })
      parts.push(`primary key (${definition.key.map(quoted).join(', ')})`)
      return `create table ${quoted(definition.name)} (${parts.join(', ')})${dialect.tableSuffix}`
    },
    index(name, table, columns, { unique, whereNull } = {}) {
      const condition = whereNull === undefined ? '' : ` where ${quoted(whereNull)} is null`
      return `create ${unique ? 'unique ' : ''}index ${quoted(name)} on ${quoted(table)} (${columns.map(quoted).join(', ')})${condition}`
    },
    addColumn: (table, column, type) => `alter table ${quoted(table)} add column ${quoted(column)} ${typed(type)}`,
  }
}

function columnType(table: AnyTable, column: string): ColumnType {
  if (column === 'change') return 'integer'
  if (column === 'mac') return 'bytes'
  return table.columns[column] ?? 'text'
}

/** A name of ours as SQL; both dialects quote alike. Never given a name from outside. */
export function quoted(name: string): string {
  return `"${name}"`
}
