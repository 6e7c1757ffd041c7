import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import type { Secret } from '@headgate/model'
import { type Connection, DATABASE_FILE } from '@headgate/store'
import { clientConfig, connect, defaultLimits } from '../plane/store/src/postgres/connect.ts'
import { connectionOn } from '../plane/store/src/postgres/open.ts'
import { connectionOf } from '../plane/store/src/sqlite/connection.ts'

/** A connection of somebody who can write to the database and asks neither indexes nor foreign keys; it ends with the test. */
export function rawConnection(
  t: TestContext,
  { folder, address }: { readonly folder: string; readonly address?: Secret },
): Promise<Connection> {
  return address === undefined ? toFile(t, join(folder, DATABASE_FILE)) : toServer(t, address)
}

async function toFile(t: TestContext, file: string): Promise<Connection> {
  const raw = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  t.after(() => raw.close())
  raw.exec('pragma synchronous = off')
  for (const { name } of raw.prepare(`select name from sqlite_master where type = 'index' and sql is not null`).all())
    raw.exec(`drop index "${name}"`)
  return connectionOf(raw)
}

async function toServer(t: TestContext, address: Secret): Promise<Connection> {
  const client = await connect(clientConfig(address, 'snapshot', defaultLimits))
  t.after(() => client.end())
  const connection = connectionOn(client)
  await connection.script('set session_replication_role = replica; set synchronous_commit = off')
  const indexes = `select indexname as "name" from pg_indexes where schemaname = current_schema() and indexname not like '%\\_pkey'`
  for (const { name } of await connection.all(indexes)) await connection.script(`drop index "${String(name)}"`)
  return connection
}
