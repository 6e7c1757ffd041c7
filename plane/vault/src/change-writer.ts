import type { Change, Committed, Result, Row, Write } from '@headgate/model'
import { type Database, type Protection, type Store, type TableName, tables } from '@headgate/store'
import { type Sealing, type WrittenRows, macSummary } from './sealing.ts'

/** The one way to change anything: seals a Change's audit record and commits both together. */
export interface ChangeWriter {
  /**
   * Resolves when the Change is durable, with its number; or with the conflict that kept it from being written:
   * REVISION_CONFLICT, TAG_CONFLICT or CHANGE_CONFLICT. A read of a secret is a Change without writes, committed
   * before the value leaves.
   *
   * @throws STORE_UNAVAILABLE when the disk fails: nothing was written, and nothing may be handed out
   */
  commit(change: Change): Promise<Result<Committed>>
}

export function createChangeWriter(
  store: Store,
  vault: { readonly database: Database; readonly protection: Protection; readonly sealAudit: Sealing['sealAudit'] },
): ChangeWriter {
  return {
    async commit({ expect, writes, audit }) {
      const number = vault.database.nextChange()
      const protectedWrites = writes.map((write) => protect(vault.protection, write, number))
      const { sealed, digest } = vault.sealAudit(number, audit, writtenRows(protectedWrites))
      return store.commit({
        number,
        expect,
        writes: protectedWrites,
        audit: {
          change: number,
          time: audit.time,
          organisation: audit.organisation,
          actor: audit.actor,
          actor_name: audit.actorName,
          action: audit.action,
          resource: audit.resource,
          outcome: audit.outcome,
          digest,
          sealed,
        },
      })
    },
  }
}

function protect(protection: Protection, write: Write, change: number): Write {
  if (!tables[write.table as TableName].protected || write.op === 'delete') return write
  const row = { ...write.row, change }
  return { ...write, row: { ...row, mac: protection.mac(write.table, row) } }
}

/** What the audit record repeats of each protected row, so that `verify` knows who must have written it last. */
function writtenRows(writes: readonly Write[]): WrittenRows {
  const rows: Record<string, (string | number | null)[][]> = {}
  for (const { table, op, row } of writes) {
    const definition = tables[table as TableName]
    if (!definition.protected) continue
    const mac = op === 'delete' ? null : macSummary(row['mac'] as Uint8Array)
    ;(rows[table] ??= []).push([...definition.key.map((column) => keyCell(row, column)), mac])
  }
  return rows
}

function keyCell(row: Row, column: string): string | number | null {
  const cell = row[column] ?? null
  if (cell instanceof Uint8Array) throw new TypeError(`the key column ${column} holds bytes`)
  return cell
}
