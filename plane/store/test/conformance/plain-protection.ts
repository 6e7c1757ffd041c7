import { createHmac } from 'node:crypto'
import { HeadgateError, type AuditRecord, type Change, type Row } from '@headgate/model'
import { type AuditRow, type Protection, type SealChange, type Sequencer, type TableName, tables } from '@headgate/store'

/** The simplest protection there is, written without the program's own: the store must only care that it is asked. */
export function plainProtection(): Protection {
  const mac = (table: string, row: Row) => {
    const columns = Object.entries(row)
      .filter(([name]) => name !== 'mac')
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, cell]) => [name, cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell])
    return createHmac('sha256', 'test')
      .update(JSON.stringify([table, columns]))
      .digest()
  }
  return {
    mac,
    check(table, row) {
      if (!mac(table, row).equals(row['mac'] as Uint8Array)) throw new HeadgateError('ROW_TAMPERED', { table, key: 'test' })
    },
  }
}

/** Numbers records as they come, without a tree. */
export function plainSequencer(protection: Protection, size = 0): Sequencer {
  let settled = size
  let pending = size
  return {
    size: () => settled,
    async follow(records) {
      settled += records.length
    },
    extend(records) {
      pending = settled + records.length
      return {
        records: records.map((record, n): AuditRow => {
          const row = { ...record, leaf: settled + n }
          return { ...row, mac: protection.mac('audit', row) }
        }),
        tiles: [],
        checkpoint: { size: pending, time: 0, note: `size ${pending}` },
        replaces: undefined,
      }
    },
    settled() {
      settled = pending
    },
    undone() {
      pending = settled
    },
  }
}

export const someAudit: AuditRecord = {
  time: 1_000,
  organisation: null,
  actor: null,
  actorName: 'test',
  action: 'test.write',
  resource: 'organisation:main',
  outcome: 'ok',
}

/** Seals a Change without keys. */
export function sealedPlainly(protection: Protection, change: Partial<Change>): SealChange {
  const { time, organisation, actor, actorName, action, resource, outcome } = { ...someAudit, ...change.audit }
  const columns = { time, organisation, actor, actor_name: actorName, action, resource, outcome }
  return (number) => ({
    number,
    expect: change.expect ?? [],
    audit: { change: number, ...columns, digest: Buffer.alloc(32), sealed: Buffer.from('sealed') },
    writes: (change.writes ?? []).map((write) => {
      if (!tables[write.table as TableName].protected || write.op === 'delete') return write
      const row = { ...write.row, change: number }
      return { ...write, row: { ...row, mac: protection.mac(write.table, row) } }
    }),
  })
}
