import type { Cell, Row } from '@headgate/model'

/**
 * One connection of a dialect, as the writer and the migrations use it. SQLite answers at once, PostgreSQL over the
 * wire; nobody but the writer's queue may have a transaction open on it.
 */
export interface Connection {
  /** Runs a statement and answers how many rows it changed. */
  run(sql: string, parameters?: readonly Cell[]): Promise<number>
  all(sql: string, parameters?: readonly Cell[]): Promise<Row[]>
  /** The n-th parameter's place, from 1. */
  placeholder(n: number): string
  /** Whether a transaction is open: after a failed commit it depends on the failure. */
  inTransaction(): boolean
}

/** What went wrong in a database, told apart by what has to happen next. */
export type DatabaseFault =
  /** The statement broke a constraint: the Change conflicts with what is stored. */
  | { readonly kind: 'constraint'; readonly reason: string }
  /** Nothing can be written now: disk full, input or output error. It may pass. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** A bug, or a damaged file. */
  | { readonly kind: 'other'; readonly reason: string }
