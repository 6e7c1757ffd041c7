import { HeadgateError } from '@headgate/model'
import type { Connection } from './connection.ts'
import { type Migration, type SchemaDialect, schemaBuilder } from './schema/migration.ts'

/**
 * Brings the schema up to date, inside a transaction that the caller has opened.
 *
 * The names of the migrations a database has been through stand in `schema_history`. More of them than this program
 * knows, or other ones, mean a newer program wrote it.
 *
 * @param place what the database is called in messages
 * @throws DATA_NEWER before anything is written
 */
export async function migrate(
  connection: Connection,
  dialect: SchemaDialect,
  migrations: readonly Migration[],
  place: string,
): Promise<void> {
  await connection.run(
    `create table if not exists "schema_history" ("position" ${dialect.types.integer} primary key, "name" ${dialect.types.text} not null)`,
  )
  const history = (await connection.all('select "name" from "schema_history" order by "position"')).map((row) => String(row['name']))
  const known = migrations.map((migration) => migration.name)
  if (history.some((name, position) => known[position] !== name))
    throw new HeadgateError('DATA_NEWER', { folder: place, found: history.length, known: known.length })
  if (history.length === known.length) return

  const schema = schemaBuilder(dialect)
  for (const [position, migration] of migrations.entries()) {
    if (position < history.length) continue
    await connection.script(migration.up(schema).join(';\n'))
    await connection.run(`insert into "schema_history" values (${connection.placeholder(1)}, ${connection.placeholder(2)})`, [
      position,
      migration.name,
    ])
  }
}
