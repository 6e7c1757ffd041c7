import type { Cell, CommitNotice, Row } from '@headgate/model'

/** One connection of a dialect, for statements. SQLite answers at once, PostgreSQL over the wire. */
export interface Connection {
  /** Runs a statement and answers how many rows it changed. */
  run(sql: string, parameters?: readonly Cell[]): Promise<number>
  all(sql: string, parameters?: readonly Cell[]): Promise<Row[]>
  /** Runs several statements without parameters, `;` between them. */
  script(sql: string): Promise<void>
  /** The n-th parameter's place, from 1. */
  placeholder(n: number): string
  /** How many rows one insert may carry, and how many statements may be on their way: 1 where a statement costs no way to a server. */
  readonly rowsPerInsert: number
}

/** Where the log stands: the number of the last Change in it, and how many records have a place. Both 0 at the start. */
export interface LogHead {
  readonly change: number
  readonly size: number
}

/**
 * The connection of the one writer. Nobody else may have a transaction open on it.
 *
 * A transaction is the database's only one that writes, whichever process opens it: `begin` waits for its turn. So what
 * is read in it is what the commit before has left, and the order of commits is one order for everybody.
 */
export interface WriteConnection extends Connection {
  begin(): Promise<LogHead>
  /** Sends a statement inside the transaction without waiting for its answer; that it failed shows at the next one that is waited for. */
  queue(sql: string): void
  /** Makes it durable, and tells other processes. Throws where that failed, or where nobody knows whether it did. */
  commit(notices: readonly CommitNotice[]): Promise<void>
  /** Takes back what was done since `begin`, if anything can still be open. Never throws. */
  rollback(): Promise<void>
}

/** What went wrong in a database, told apart by what has to happen next. */
export type DatabaseFault =
  /** The statement broke a constraint: the Change conflicts with what is stored. */
  | { readonly kind: 'constraint'; readonly reason: string }
  /** The connection or the transaction was lost before its commit: nothing was done, and doing it again may succeed. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Nothing can be written now: disk full, input or output error, server gone. It may pass. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly full?: true }
  /** The connection was lost during a commit, and nobody could be asked what became of it. */
  | { readonly kind: 'uncertain'; readonly reason: string }
  /** A bug, or a damaged file. */
  | { readonly kind: 'other'; readonly reason: string }
