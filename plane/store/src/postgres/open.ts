import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HeadgateError, type Row, type Secret } from '@headgate/model'
import { Kysely } from 'kysely'
import pg from 'pg'
import type { Connection } from '../connection.ts'
import type { Database, DatabaseOptions } from '../database.ts'
import { lockFolder } from '../folder-lock.ts'
import { migrate } from '../migrate.ts'
import type { SchemaDialect } from '../schema/migration.ts'
import { type Tables, migrationList } from '../schema/registry.ts'
import { DATABASE_FILE, TEMPORARY_FOLDER, databaseId } from '../sqlite/open.ts'
import { readAddress } from './address.ts'
import { type Limits, type Lost, clientConfig, connect, defaultLimits, end } from './connect.ts'
import { copyToSqlite } from './copy.ts'
import { postgresDialect } from './dialect.ts'
import { postgresFault } from './fault.ts'
import { listenForCommits } from './listener.ts'
import { type Channel, channelName } from './notices.ts'
import { examineServer } from './server.ts'
import { postgresSnapshot } from './snapshot.ts'
import { LOCK_CLASS, PostgresWriteConnection } from './write-connection.ts'

/** Text compares byte by byte, as SQLite does it, whatever the database's own collation. */
export const postgresSchema: SchemaDialect = {
  types: { integer: 'bigint', text: 'text collate "C"', bytes: 'bytea' },
  tableSuffix: '',
}

/** What `alone` waits for, beside the turn of the writer. */
const ALONE_CLASS = LOCK_CLASS + 1
/** How long one process may be alone, in milliseconds: a migration of a large database. */
const ALONE_PATIENCE = 300_000
const ANSWER_GRACE = 5_000

export interface PostgresOptions extends DatabaseOptions {
  readonly address: Secret
  readonly limits?: Partial<Limits>
}

/** Opens a PostgreSQL database beside a data folder; what `openDatabase` says of both holds here. */
export async function openPostgres({ folder, create = true, address, limits: given }: PostgresOptions): Promise<Database> {
  const limits = { ...defaultLimits, ...given }
  const { place, unsafe } = readAddress(address)
  if (existsSync(join(folder, DATABASE_FILE)))
    throw new HeadgateError('DATABASE_UNSUITABLE', {
      place,
      reason: `the data folder ${folder} holds a database of its own, ${DATABASE_FILE}`,
    })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  try {
    rmSync(join(folder, TEMPORARY_FOLDER), { recursive: true, force: true })
    const prepared = await prepare({ address, place, limits, create })
    const concerns = unsafe === undefined ? prepared.concerns : [...prepared.concerns, unsafeConnection(place, unsafe)]
    const database = await assemble({ folder, place, address, limits, concerns, id: prepared.id, schema: prepared.schema })
    return {
      ...database,
      async close() {
        await database.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw openingFailure(error, place)
  }
}

function unsafeConnection(place: string, mode: string): string {
  return `the connection to ${place} is not made sure of (${mode}): whoever is between can read the sealed rows and change what is not protected; add sslmode=verify-full`
}

/** What keeps a database from being opened, in words. */
export function openingFailure(error: unknown, place: string): unknown {
  if (error instanceof HeadgateError) return error
  const { kind, reason } = postgresFault(error)
  if (kind === 'lost' || kind === 'unavailable') return new HeadgateError('DATABASE_UNREACHABLE', { place, reason }, { cause: error })
  return new HeadgateError('DATABASE_UNSUITABLE', { place, reason }, { cause: error })
}

interface Prepared {
  readonly id: string
  readonly schema: string
  readonly concerns: readonly string[]
}

/** Looks at the server and brings the schema up to date, while every other process that starts waits. */
async function prepare(options: {
  readonly address: Secret
  readonly place: string
  readonly limits: Limits
  readonly create: boolean
}): Promise<Prepared> {
  const { address, place, limits, create } = options
  const client = await connect({ ...clientConfig(address, 'snapshot', limits), lock_timeout: ALONE_PATIENCE })
  try {
    const { schema, concerns } = await examineServer(client, place)
    await client.query(`begin; select pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(current_schema()))`)
    const found = await client.query<Row>(`select to_regclass('"schema_history"') is not null as "found"`)
    if (!create && !found.rows[0]?.['found']) throw new HeadgateError('DATA_MISSING', { folder: place })
    const connection = connectionOn(client)
    await migrate(connection, postgresSchema, migrationList, place)
    const id = await databaseId(connection)
    await client.query('commit')
    return { id, schema, concerns }
  } finally {
    end(client)
  }
}

/** Statements inside a transaction that somebody else opened. */
export function connectionOn(client: pg.ClientBase): Connection {
  return {
    run: async (sql, parameters = []) => (await client.query(sql, [...parameters])).rowCount ?? 0,
    all: async (sql, parameters = []) => (await client.query<Row>(sql, [...parameters])).rows,
    script: async (sql) => void (await client.query(sql)),
    placeholder: (n) => `$${n}`,
    rowsPerInsert: 500,
  }
}

interface Parts extends Prepared {
  readonly folder: string
  readonly place: string
  readonly address: Secret
  readonly limits: Limits
}

async function assemble({ folder, place, address, limits, concerns, id, schema }: Parts): Promise<Database> {
  const channel: Channel = { name: channelName(schema), origin: randomUUID() }
  const pool = new pg.Pool({ ...clientConfig(address, 'read', limits), max: limits.readers, idleTimeoutMillis: 60_000 })
  // A connection that dies while nobody uses it is replaced by the pool; that is all there is to do.
  pool.on('error', () => undefined)
  const listener = await listenForCommits({ connect: (lost) => connect(clientConfig(address, 'listen', limits), lost), channel }).catch(
    async (error: unknown) => {
      await pool.end()
      throw error
    },
  )
  const write = new PostgresWriteConnection({
    connect: (lost) => connectWriter(address, limits, lost),
    channel,
    answer: Math.max(limits.statement, limits.turn) + ANSWER_GRACE,
    patience: limits.turn,
  })
  const snapshot = () => postgresSnapshot(() => connect(clientConfig(address, 'snapshot', limits)), place)
  return {
    folder,
    place,
    id,
    shared: true,
    concerns,
    rowOrder: undefined,
    read: new Kysely<Tables>({ dialect: postgresDialect(pool, place) }),
    write,
    faultOf: postgresFault,
    reserve: undefined,
    // The server does that by itself.
    compact: async () => undefined,
    snapshot,
    copyTo: (file) => copyToSqlite(snapshot, file),
    alone: (work) => alone(address, limits, work),
    onForeignCommit: (heard) => listener.on(heard),
    async close() {
      await listener.close()
      await write.close()
      await pool.end()
    },
  }
}

/** A commit that is answered must be on the disk, whatever the server's own setting is. A stronger one is left as it is. */
const DURABLE = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')`

async function connectWriter(address: Secret, limits: Limits, lost: Lost): Promise<pg.Client> {
  const client = await connect({ ...clientConfig(address, 'write', limits), pipeline: true }, lost)
  await client.query(DURABLE)
  return client
}

async function alone<T>(address: Secret, limits: Limits, work: () => Promise<T>): Promise<T> {
  const client = await connect({ ...clientConfig(address, 'snapshot', limits), lock_timeout: ALONE_PATIENCE })
  try {
    await client.query(`select pg_advisory_lock(${ALONE_CLASS}, hashtext(current_schema()))`)
    return await work()
  } finally {
    end(client)
  }
}
