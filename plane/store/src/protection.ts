import type { Row } from '@headgate/model'
import type { AuditRow, AuditTileRow, CheckpointRow } from './schema/audit.ts'
import type { Fields } from './schema/table.ts'

/** The keyed check of protected rows. The vault hands it in, because the store knows no keys. */
export interface Protection {
  /** The MAC of a row, `change` among its columns and `mac` not. */
  mac(table: string, row: Row): Uint8Array
  /** @throws ROW_TAMPERED when the row's MAC does not fit what it holds */
  check(table: string, row: Row): void
  /** Where other processes make keys too: gets those that these rows name and this one does not know yet. Undefined where none is missing. */
  fetchKeys?(table: string, rows: readonly Row[]): Promise<void> | undefined
}

/** An audit record whose details are sealed, before it has its place in the log. */
export type UnsequencedAudit = Omit<Fields<AuditRow>, 'leaf'> & { readonly change: number }

/** What one batch adds to the log. */
export interface LogExtension {
  readonly records: readonly AuditRow[]
  readonly tiles: readonly AuditTileRow[]
  readonly checkpoint: CheckpointRow
  /** Whether the checkpoint before this one may go: only some are kept for good. */
  readonly replaces: number | undefined
}

/**
 * Gives audit records their places in the Merkle log, in commit order. Called inside the transaction that commits
 * them; exactly one of `settled` and `undone` follows each `extend`.
 */
export interface Sequencer {
  /** How many records have a place, as far as this process knows. */
  size(): number
  /**
   * Takes over what other processes appended: the records from `size()` on, and the newest checkpoint, which is theirs.
   *
   * @throws ROW_TAMPERED, LOG_DIVERGED where they do not continue this log
   */
  follow(records: readonly AuditRow[], checkpoint: CheckpointRow): Promise<void>
  extend(records: readonly UnsequencedAudit[]): LogExtension
  /** The transaction is durable. */
  settled(): void
  /** The transaction did not happen: the places are free again. */
  undone(): void
}
