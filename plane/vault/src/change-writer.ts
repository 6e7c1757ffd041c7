import type { Cell, Change, Committed, Expectation, Result, Row, Write } from '@headgate/model'
import { type Store, type TableName, tables } from '@headgate/store'
import type { Keyring } from './keyring.ts'
import { renewed } from './rotation/renew-row.ts'
import { rowKey } from './row-protection.ts'
import { type WrittenRows, macSummary } from './sealing.ts'
import type { Vault } from './vault.ts'

/** The one way to change anything: seals a Change's audit record and commits both together. */
export interface ChangeWriter {
  /**
   * Resolves when the Change is durable, with its number; or with the conflict that kept it from being written:
   * REVISION_CONFLICT, TAG_CONFLICT or CHANGE_CONFLICT. A read of a secret is a Change without writes, committed
   * before the value leaves.
   *
   * @throws STORE_UNAVAILABLE when the disk fails, STORE_FULL when it is full: nothing was written, and nothing may be
   *   handed out
   */
  commit(change: Change): Promise<Result<Committed>>
  /**
   * Commits a Change whose updates say what the rows said before, and only renew their seals and MACs. Whoever read
   * such a row before and writes it afterwards has no conflict. Audit records among them keep their number.
   */
  renew(change: Change): Promise<Result<Committed>>
}

type Sealer = Pick<Vault, 'protection' | 'sealAudit' | 'keyring'>

export function createChangeWriter(store: Pick<Store, 'commit'>, vault: Sealer): ChangeWriter {
  const renewals = rememberRenewals()
  const commit = (change: Change, onSealed?: (writes: readonly Write[], number: number) => void) =>
    store.commit((number) => {
      const { audit } = change
      const writes = change.writes.map((write) => protect(vault, renewals.follow(write), number))
      // Before this Change's own renewals count: it expects what was there before.
      const expect = change.expect.map((expectation) => renewals.expect(expectation))
      onSealed?.(writes, number)
      const { sealed, digest } = vault.sealAudit(number, audit, writtenRows(writes))
      return {
        number,
        expect,
        writes,
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
      }
    }, change.whenFull)
  return {
    commit: (change) => commit(change),
    async renew(change) {
      const result = await commit(change, renewals.note)
      if (!result.ok) renewals.forget(change.writes)
      return result
    },
  }
}

/** Whatever a use case sealed with keys that were rotated meanwhile is sealed anew: no row is written under keys that go. */
function protect({ keyring, protection }: Sealer, write: Write, change: number): Write {
  if (write.op === 'delete') return write
  const current = renewWrite(keyring, write)
  if (!tables[write.table as TableName].protected) return current
  const row: Record<string, Cell> = { ...current.row, ...(write.table === 'audit' ? {} : { change }) }
  row['mac'] = protection.mac(write.table, row)
  return { ...current, row }
}

function renewWrite(keyring: Keyring, write: Write): Write {
  const row = renewed(keyring, write.table, write.row)
  return row === write.row ? write : { ...write, row }
}

/** What the audit record repeats of each protected row, so that `verify` knows who must have written it last. */
function writtenRows(writes: readonly Write[]): WrittenRows {
  const rows: Record<string, (string | number | null)[][]> = {}
  for (const { table, op, row } of writes) {
    const definition = tables[table as TableName]
    // An audit record is held against the log by its leaf, which its seal is no part of.
    if (!definition.protected || table === 'audit') continue
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

/** Rows that are written once and never updated need not be remembered. */
const writtenOnce: ReadonlySet<string> = new Set(['records', 'revisions', 'audit'])
const REMEMBERED = 100_000

/**
 * Renewing a row gives it a new number of its Change. A use case that read the row before has taken the old number for
 * granted; here it is told the new one, because nothing it read has changed.
 */
function rememberRenewals() {
  let known = new Map<string, { readonly was: number; readonly now: number }>()
  let older: typeof known = new Map()
  const nameOf = (table: string, row: Row) => `${table} ${rowKey(table, row)}`
  const now = (name: string, was: number): number => {
    const renewal = known.get(name) ?? older.get(name)
    return renewal?.was === was ? renewal.now : was
  }
  return {
    note(writes: readonly Write[], number: number): void {
      for (const write of writes) {
        if (write.op !== 'update' || write.was === undefined || writtenOnce.has(write.table)) continue
        known.set(nameOf(write.table, write.row), { was: write.was, now: number })
      }
      if (known.size < REMEMBERED) return
      older = known
      known = new Map()
    },
    forget(writes: readonly Write[]): void {
      for (const { table, row } of writes) known.delete(nameOf(table, row))
    },
    follow<W extends Write>(write: W): W {
      if (!('was' in write) || write.was === undefined || writtenOnce.has(write.table)) return write
      return { ...write, was: now(nameOf(write.table, write.row), write.was) }
    },
    expect(expectation: Expectation): Expectation {
      if (expectation.kind !== 'row' || typeof expectation.state !== 'number') return expectation
      return { ...expectation, state: now(nameOf(expectation.table, expectation.key), expectation.state) }
    },
  }
}
