import { sealKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { type AnyTable, type Snapshot, type TableName, tables } from '@headgate/store'
import { rowFits, rowKey } from '../row-protection.ts'
import { type WrittenRows, macSummary } from '../sealing.ts'
import type { Vault } from '../vault.ts'
import { type Findings, addUnopened } from './finding.ts'

/** Who wrote each row last, as the log tells it: the Change, and the MAC it gave the row; null once it was removed. */
export interface LastWriters {
  /** @param rows undefined where the record of this Change cannot be read */
  note(change: number, rows: WrittenRows | undefined): void
  of(table: string, key: string): { readonly change: number; readonly mac: string | null } | undefined
  /** Whether what this Change wrote is unknown, because its record is damaged: that is a finding of its own. */
  isUnknown(change: number): boolean
  /** Every row the log knows to be there. */
  present(): IterableIterator<{ readonly table: string; readonly key: string; readonly change: number }>
}

export function collectLastWriters(): LastWriters {
  const writers = new Map<string, Map<string, { change: number; mac: string | null }>>()
  const unknown = new Set<number>()
  return {
    isUnknown: (change) => unknown.has(change),
    note(change, rows) {
      if (!rows) {
        unknown.add(change)
        return
      }
      for (const [table, written] of Object.entries(rows)) {
        let ofTable = writers.get(table)
        if (!ofTable) writers.set(table, (ofTable = new Map<string, { change: number; mac: string | null }>()))
        for (const row of written) ofTable.set(row.slice(0, -1).join('/'), { change, mac: row.at(-1) as string | null })
      }
    },
    of: (table, key) => writers.get(table)?.get(key),
    *present() {
      for (const [table, rows] of writers) for (const [key, { change, mac }] of rows) if (mac !== null) yield { table, key, change }
    },
  }
}

/**
 * Every protected row against its MAC, and against the last Change that the log says has written it. So an older
 * state of a row, a row that was taken out, and one that was put back are found although each is genuine.
 */
export async function verifyRows(
  snapshot: Snapshot,
  vault: Vault,
  writers: LastWriters,
  findings: Findings,
  pause: () => Promise<void> | undefined,
): Promise<number> {
  let rows = 0
  const seen = new Set<string>()
  for (const table of Object.values(tables)) {
    if (!table.protected || table.name === 'audit') continue
    for await (const row of snapshot.each(`select * from "${table.name}"`)) {
      await pause()
      rows += 1
      seen.add(`${table.name} ${rowKey(table.name, row)}`)
      checkRow(vault, table, row, writers, findings)
    }
  }
  for (const { table, key, change } of writers.present()) {
    if (seen.has(`${table} ${key}`) || !(table in tables)) continue
    const message = `the row ${key} of ${table}, written by change ${change}, is gone`
    findings.add({ code: 'ROW_DELETED', message, table, key, change })
  }
  return rows
}

function checkRow(vault: Vault, table: AnyTable, row: Row, writers: LastWriters, findings: Findings): void {
  const key = rowKey(table.name, row)
  const place = { table: table.name, key }
  if (!rowFits(vault.keyring, table.name, row)) {
    findings.add({ code: 'ROW_TAMPERED', message: `the row ${key} of ${table.name} was changed outside of Headgate`, ...place })
    return
  }
  checkWriter(table, row, writers, findings)
  if (row['sealed'] instanceof Uint8Array) checkSeal(vault, place, row['sealed'], findings)
}

function checkWriter(table: AnyTable, row: Row, writers: LastWriters, findings: Findings): void {
  const key = rowKey(table.name, row)
  const change = Number(row['change'])
  const place = { table: table.name, key }
  if (writers.isUnknown(change)) return
  const last = writers.of(table.name, key)
  if (!last || last.mac === null) {
    const why = last ? `was removed by change ${last.change}` : 'is not in the log'
    findings.add({ code: 'ROW_UNKNOWN', message: `the row ${key} of ${table.name} ${why}`, ...place, change })
  } else if (last.change !== change || last.mac !== macSummary(row['mac'] as Uint8Array)) {
    const message = `the row ${key} of ${table.name} is as change ${change} left it, but change ${last.change} wrote it last`
    findings.add({ code: 'ROW_REPLAYED', message, ...place, change: last.change })
  }
}

/** Whether the key a sealed value names is at hand. The MAC has shown already that its bytes are as they were written. */
function checkSeal(vault: Vault, place: { readonly table: string; readonly key: string }, sealed: Uint8Array, findings: Findings): void {
  const what = `${place.table} ${place.key}`
  const named = { type: place.table, id: place.key }
  try {
    const key = sealKeyId(sealed, named)
    if (!vault.keyring.find('seal', key)) throw new HeadgateError('KEY_UNKNOWN', { ...named, key })
  } catch (error) {
    addUnopened(findings, error, { what, ...place })
  }
}

/** The tables of which every row is checked. */
export function protectedTables(): TableName[] {
  return Object.values(tables).flatMap((table) => (table.protected ? [table.name as TableName] : []))
}
