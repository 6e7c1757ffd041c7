import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Cell, Row } from '@headgate/model'
import type { Connection, DatabaseFault } from '../connection.ts'

/** Prepared statements kept per connection. The program has fewer texts than this; lists of ids make more. */
const STATEMENT_LIMIT = 500

/** How long a statement waits for another process's lock, in milliseconds. The folder lock makes that rare: back-up tools. */
const BUSY_TIMEOUT = 5_000

export interface SqliteConnection extends Connection {
  readonly raw: DatabaseSync
  /** A prepared statement from the connection's cache. */
  statement(sql: string): StatementSync
  /** Rows one by one, for reads too large to hold. */
  each(sql: string, parameters?: readonly Cell[]): IterableIterator<Row>
  close(): void
}

/**
 * Opens a SQLite file with the settings durability depends on. A commit is on disk when it returns
 * (`synchronous=FULL`), and readers do not wait for the writer (WAL).
 */
export function openConnection(file: string, mode: 'write' | 'read'): SqliteConnection {
  const raw = new DatabaseSync(file, { readOnly: mode === 'read', timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true })
  if (mode === 'write') {
    // Of a new file alone, because it writes: what is pruned goes back to the disk.
    if (raw.prepare('pragma page_count').get()?.['page_count'] === 0) raw.exec('pragma auto_vacuum = incremental')
    raw.exec('pragma journal_mode = wal')
    raw.exec('pragma synchronous = full')
    raw.exec('pragma fullfsync = on')
  }
  raw.exec('pragma trusted_schema = off')
  raw.exec('pragma temp_store = memory')
  return connectionOf(raw)
}

export function connectionOf(raw: DatabaseSync): SqliteConnection {
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known) return known
    if (statements.size >= STATEMENT_LIMIT) statements.clear()
    const prepared = raw.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }
  return {
    raw,
    statement,
    // Async although SQLite is not, so that a failure is a rejection in either dialect.
    async run(sql, parameters = []) {
      return Number(statement(sql).run(...parameters).changes)
    },
    async all(sql, parameters = []) {
      return statement(sql).all(...parameters) as Row[]
    },
    async script(sql) {
      raw.exec(sql)
    },
    each: (sql, parameters = []) => raw.prepare(sql).iterate(...parameters) as IterableIterator<Row>,
    placeholder: () => '?',
    rowsPerInsert: 1,
    close() {
      statements.clear()
      raw.close()
    },
  }
}

const PRIMARY_CODE_MASK = 0xff
const unavailable: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process',
  8: 'the database is read-only',
  10: 'input/output error',
  13: 'the disk is full',
  14: 'the database file cannot be opened',
}
const FULL = 13
const CONSTRAINT = 19
const FOREIGN_KEY = 787
const CORRUPT = 11
const NO_DATABASE = 26

/** Tells SQLite's errors apart by their result code; the text of an error decides nothing. */
export function sqliteFault(error: unknown): DatabaseFault {
  const code = (error as { errcode?: number }).errcode
  const reason = error instanceof Error ? error.message : String(error)
  if (code === undefined) return { kind: 'other', reason }
  if ((code & PRIMARY_CODE_MASK) === CONSTRAINT)
    return {
      kind: 'constraint',
      reason: code === FOREIGN_KEY ? 'something still refers to it, or what it refers to is gone' : 'it exists already',
    }
  const known = unavailable[code & PRIMARY_CODE_MASK]
  if (known === undefined) return { kind: 'other', reason }
  return { kind: 'unavailable', reason: known, ...((code & PRIMARY_CODE_MASK) === FULL ? { full: true } : {}) }
}

/** Whether what a file holds is not what SQLite wrote there. */
export function isDamage(error: unknown): boolean {
  const code = ((error as { errcode?: number }).errcode ?? 0) & PRIMARY_CODE_MASK
  return code === CORRUPT || code === NO_DATABASE
}
