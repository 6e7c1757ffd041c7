import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { DatabaseSync, backup } from 'node:sqlite'
import { HeadgateError, type Row } from '@headgate/model'
import { Kysely } from 'kysely'
import type { Connection, DatabaseFault } from './connection.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import type { SchemaDialect } from './schema/migration.ts'
import { type Tables, migrationList } from './schema/registry.ts'
import { type SqliteConnection, connectionOf, openConnection, sqliteFault } from './sqlite/connection.ts'
import { sqliteDialect } from './sqlite/dialect.ts'

/** A database that is open, locked for this process, and of the newest schema. */
export interface Database {
  /** The data folder; empty for a database in memory. */
  readonly folder: string
  /** Random, made with the database: what its key file is named after. */
  readonly id: string
  /** Typed reads. What they return of protected tables is not checked: use the store's queries. */
  readonly read: Kysely<Tables>
  /** The connection of the one writer. */
  readonly write: Connection
  readonly faultOf: (error: unknown) => DatabaseFault
  /** The next Change's number. One that ends in a conflict leaves a gap. */
  nextChange(): number
  /** A consistent view of this moment, for long reads beside the writer; unchecked, for `verify`. */
  snapshot(): Snapshot
  /** Copies a consistent state into a new file while work goes on. */
  copyTo(file: string): Promise<void>
  close(): Promise<void>
}

export interface Snapshot {
  each(sql: string, parameters?: Row[string][]): IterableIterator<Row>
  all(sql: string, parameters?: Row[string][]): Row[]
  close(): void
}

export const DATABASE_FILE = 'headgate.db'
/** Unfinished copies; emptied at every start. */
export const TEMPORARY_FOLDER = 'tmp'

const sqliteSchema: SchemaDialect = { types: { integer: 'integer', text: 'text', bytes: 'blob' }, tableSuffix: ' strict' }

/**
 * Opens the database of a data folder, made (0700) where it is missing, and locks the folder for this process.
 *
 * @param options.create false refuses with DATA_MISSING where there is no database yet; default true
 * @throws DATA_LOCKED, DATA_NEWER, DATA_MISSING, DATA_DAMAGED
 */
export async function openDatabase(options: { readonly folder: string; readonly create?: boolean }): Promise<Database> {
  const { folder, create = true } = options
  const file = join(folder, DATABASE_FILE)
  if (!create && !existsSync(file)) throw new HeadgateError('DATA_MISSING', { folder })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  try {
    rmSync(join(folder, TEMPORARY_FOLDER), { recursive: true, force: true })
    // SQLite's own files take over the mode of this one.
    closeSync(openSync(file, 'a', 0o600))
    return await openFile(folder, file, lock)
  } catch (error) {
    lock.release()
    if (error instanceof HeadgateError) throw error
    throw new HeadgateError('DATA_DAMAGED', { folder, reason: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
}

async function openFile(folder: string, file: string, lock: FolderLock): Promise<Database> {
  const write = openConnection(file, 'write')
  try {
    await migrate(write, sqliteSchema, migrationList, folder)
    const read = openConnection(file, 'read')
    return await assemble({ folder, file, write, read, lock })
  } catch (error) {
    write.close()
    throw error
  }
}

/** A database in memory, for tests: everything but durability, on one connection. */
export async function openMemoryDatabase(): Promise<Database> {
  const connection = connectionOf(new DatabaseSync(':memory:'))
  await migrate(connection, sqliteSchema, migrationList, 'memory')
  return assemble({ folder: '', file: '', write: connection, read: connection })
}

interface Parts {
  readonly folder: string
  readonly file: string
  readonly write: SqliteConnection
  readonly read: SqliteConnection
  readonly lock?: FolderLock
}

async function assemble({ folder, file, write, read, lock }: Parts): Promise<Database> {
  const id = await folderId(write)
  let change = Number((await write.all('select max("change") as "last" from "audit"'))[0]?.['last'] ?? 0)
  return {
    folder,
    id,
    read: new Kysely<Tables>({ dialect: sqliteDialect(read) }),
    write,
    faultOf: sqliteFault,
    nextChange: () => (change += 1),
    snapshot: () => snapshotOf(file === '' ? undefined : file, read),
    copyTo: (copy) => copyInto(file, copy),
    async close() {
      if (read !== write) read.close()
      write.close()
      lock?.release()
    },
  }
}

async function folderId(write: Connection): Promise<string> {
  const rows = await write.all(`select "value" from "settings" where "name" = 'folder-id'`)
  const known = rows[0]?.['value']
  if (known !== undefined) return String(JSON.parse(String(known)))
  const id = randomBytes(8).toString('hex')
  await write.run(`insert into "settings" ("name", "value") values ('folder-id', ${write.placeholder(1)})`, [JSON.stringify(id)])
  return id
}

function snapshotOf(file: string | undefined, shared: SqliteConnection | undefined): Snapshot {
  const connection = file === undefined && shared ? shared : openConnection(file ?? '', 'read')
  if (connection !== shared) connection.raw.exec('begin')
  return {
    each: (sql, parameters) => connection.each(sql, parameters),
    all: (sql, parameters = []) => connection.statement(sql).all(...parameters) as Row[],
    close() {
      if (connection !== shared) connection.close()
    },
  }
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
