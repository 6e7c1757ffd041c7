import type { Cell, CommitNotice, Row, Secret } from '@headgate/model'
import type { Kysely } from 'kysely'
import type { DatabaseFault, WriteConnection } from './connection.ts'
import type { Reserve } from './reserve.ts'
import type { LoadOptions } from './postgres/load.ts'
import type { Tables } from './schema/registry.ts'
import { openSqlite } from './sqlite/open.ts'

/** A database that is open and of the newest schema, whichever dialect it speaks. */
export interface Database {
  /** The data folder of this process; empty for a database in memory. */
  readonly folder: string
  /** What the database is called in messages: its folder, or its address without the password. */
  readonly place: string
  /** Random, made with the database: what its key file is named after. */
  readonly id: string
  /** Whether other processes write to it too. Where they do, what was read may be old at once, and is not to be kept without asking again. */
  readonly shared: boolean
  /** What an operator should know of how it is set up, in sentences; empty where all is well. */
  readonly concerns: readonly string[]
  /** The column, besides those of the schema, in whose order rows lie on the disk; undefined where there is none that stays. */
  readonly rowOrder: 'rowid' | undefined
  /** Typed reads. What they return of protected tables is not checked: use the store's queries. */
  readonly read: Kysely<Tables>
  /** The connection of the one writer. */
  readonly write: WriteConnection
  readonly faultOf: (error: unknown) => DatabaseFault
  /** Room for the most necessary on a full disk; undefined where none is kept. */
  readonly reserve: Reserve | undefined
  /** Gives room back to the disk after rows were removed. Called by the writer alone, between its transactions. */
  compact(): Promise<void>
  /** A consistent view of this moment, for long reads beside the writer; unchecked, for `verify`. */
  snapshot(): Promise<Snapshot>
  /** Copies a consistent state into a new SQLite file while work goes on. */
  copyTo(file: string): Promise<void>
  /** Does something that no other process may do at the same time: a first start, say. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Tells of commits of other processes. After a time without a connection, of what was missed. */
  onForeignCommit(listener: (notice: CommitNotice) => void): () => void
  close(): Promise<void>
}

/** Parameters stand as `?` in either dialect. */
export interface Snapshot {
  /** Rows one by one, for reads too large to hold. */
  each(sql: string, parameters?: readonly Cell[]): AsyncIterable<Row>
  all(sql: string, parameters?: readonly Cell[]): Promise<Row[]>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** The data folder, made (0700) where it is missing, and locked for this process. */
  readonly folder: string
  /** False refuses with DATA_MISSING where there is no database yet. Default true. */
  readonly create?: boolean
  /** The address of a PostgreSQL database. Default: a SQLite file in the folder. */
  readonly address?: Secret
  /** Bytes to keep free for a full disk; default none. A database server keeps its own. */
  readonly reserve?: number
}

/** Fills an empty PostgreSQL database from a SQLite file; see `LoadOptions`. */
export async function loadDatabase(options: LoadOptions): Promise<void> {
  return (await import('./postgres/load.ts')).loadDatabase(options)
}

/** @throws RESTORE_NOT_EMPTY where a PostgreSQL database holds tables of Headgate already */
export async function refuseUsedDatabase(address: Secret): Promise<void> {
  return (await import('./postgres/load.ts')).refuseUsedDatabase(address)
}

/**
 * Opens the database of a data folder: the SQLite file in it, or the PostgreSQL database at an address.
 *
 * @throws DATA_LOCKED, DATA_NEWER, DATA_MISSING, DATA_DAMAGED; DATABASE_ADDRESS_INVALID, DATABASE_UNREACHABLE,
 *   DATABASE_UNSUITABLE
 */
export async function openDatabase({ address, ...options }: DatabaseOptions): Promise<Database> {
  if (address === undefined) return openSqlite(options)
  return (await import('./postgres/open.ts')).openPostgres({ ...options, address })
}
