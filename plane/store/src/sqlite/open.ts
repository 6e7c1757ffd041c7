import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, backup } from 'node:sqlite'
import { HeadgateError } from '@headgate/model'
import { Kysely } from 'kysely'
import type { Connection } from '../connection.ts'
import type { Database, DatabaseOptions, Snapshot } from '../database.ts'
import { type FolderLock, lockFolder } from '../folder-lock.ts'
import { migrate } from '../migrate.ts'
import type { Reserve } from '../reserve.ts'
import type { SchemaDialect } from '../schema/migration.ts'
import { type Tables, migrationList } from '../schema/registry.ts'
import { type SqliteConnection, connectionOf, openConnection, sqliteFault } from './connection.ts'
import { sqliteDialect } from './dialect.ts'
import { openDiskReserve } from './disk-reserve.ts'
import { snapshotOf } from './snapshot.ts'
import { writeConnectionOf } from './write-connection.ts'

export const DATABASE_FILE = 'headgate.db'
/** Unfinished copies; emptied at every start. */
export const TEMPORARY_FOLDER = 'tmp'

const sqliteSchema: SchemaDialect = { types: { integer: 'integer', text: 'text', bytes: 'blob' }, tableSuffix: ' strict' }

/** Opens the SQLite file of a data folder; what `openDatabase` says of both holds here. */
export async function openSqlite({ folder, create = true, reserve: kept }: DatabaseOptions): Promise<Database> {
  const file = join(folder, DATABASE_FILE)
  if (!create && !existsSync(file)) throw new HeadgateError('DATA_MISSING', { folder })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  const reserve = kept === undefined ? undefined : openDiskReserve(folder, kept)
  try {
    rmSync(join(folder, TEMPORARY_FOLDER), { recursive: true, force: true })
    // SQLite's own files take over the mode of this one.
    closeSync(openSync(file, 'a', 0o600))
    return await openFile({ folder, file, lock, reserve })
  } catch (error) {
    await reserve?.close()
    lock.release()
    if (error instanceof HeadgateError) throw error
    throw new HeadgateError('DATA_DAMAGED', { folder, reason: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
}

async function openFile({ folder, file, lock, reserve }: Pick<Parts, 'folder' | 'file' | 'lock' | 'reserve'>): Promise<Database> {
  const write = openConnection(file, 'write')
  try {
    await migrateFile(write, folder)
    const read = openConnection(file, 'read')
    return await assemble({ folder, file, write, read, lock, reserve })
  } catch (error) {
    write.close()
    throw error
  }
}

/** A database in memory, for tests: everything but durability, on one connection. */
export async function openMemoryDatabase(): Promise<Database> {
  const connection = connectionOf(new DatabaseSync(':memory:'))
  await migrateFile(connection, 'memory')
  return assemble({ folder: '', file: '', write: connection, read: connection })
}

/** Brings the schema of a file up to date, all of it or none. */
export async function migrateFile(connection: SqliteConnection, place: string): Promise<void> {
  connection.raw.exec('begin')
  try {
    await migrate(connection, sqliteSchema, migrationList, place)
    connection.raw.exec('commit')
  } catch (error) {
    if (connection.raw.isTransaction) connection.raw.exec('rollback')
    throw error
  }
}

interface Parts {
  readonly folder: string
  readonly file: string
  readonly write: SqliteConnection
  readonly read: SqliteConnection
  readonly lock?: FolderLock | undefined
  readonly reserve?: Reserve | undefined
}

async function assemble({ folder, file, write, read, lock, reserve }: Parts): Promise<Database> {
  const shared = file === '' ? read : undefined
  return {
    folder,
    place: folder,
    id: await databaseId(write),
    shared: false,
    concerns: [],
    rowOrder: 'rowid',
    read: new Kysely<Tables>({ dialect: sqliteDialect(read, folder) }),
    write: writeConnectionOf(write),
    faultOf: sqliteFault,
    reserve,
    // Pages that became free are given back, and the log is taken over so that the file gets shorter at once.
    compact: async () => write.raw.exec('pragma incremental_vacuum; pragma wal_checkpoint(truncate)'),
    snapshot: async () => snapshotOf(file, shared),
    copyTo: (copy) => copyInto(file, copy),
    alone: (work) => work(),
    onForeignCommit: () => () => undefined,
    async close() {
      if (read !== write) read.close()
      write.close()
      await reserve?.close()
      lock?.release()
    },
  }
}

/** The random name of a database, made at its first start. */
export async function databaseId(connection: Connection): Promise<string> {
  const rows = await connection.all(`select "value" from "settings" where "name" = 'folder-id'`)
  const known = rows[0]?.['value']
  if (known !== undefined) return String(JSON.parse(String(known)))
  const id = randomBytes(8).toString('hex')
  await connection.run(`insert into "settings" ("name", "value") values ('folder-id', ${connection.placeholder(1)})`, [JSON.stringify(id)])
  return id
}

/** A consistent view of a database file that is not open as a data folder: a copy, say. */
export function openSnapshot(file: string): Snapshot {
  return snapshotOf(file, undefined)
}

/** More pages than any database has: the copy is made in one step, on a thread of its own, of one consistent state. */
const ALL_PAGES = 0x7fffffff

async function copyInto(file: string, copy: string): Promise<void> {
  // A connection of its own: on the writer's, the copy could see what is not committed yet.
  const source = openConnection(file, 'read')
  try {
    await backup(source.raw, copy, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
}
