import type { TestContext } from 'node:test'
import type { Cell, Row } from '@headgate/model'
import { type AnyTable, type ColumnType, columnsOf } from '@headgate/store'
import { type Finding, verifyAudit } from '@headgate/vault'
import { rawConnection } from '../../../test/raw-connection.ts'
import { type Place, openPlace } from './sealed-folder.ts'

/** The hands of somebody who can write to the database, of either dialect, and asks neither indexes nor foreign keys. */
export interface Hands {
  /** In the order of their keys. */
  rows(table: AnyTable): Promise<Row[]>
  /** Gives the row with the key of another these columns. */
  put(table: AnyTable, key: Row, columns: Row): Promise<void>
  insert(table: AnyTable, row: Row): Promise<void>
  remove(table: AnyTable, key: Row): Promise<void>
}

export async function handsOn(t: TestContext, place: Place): Promise<Hands> {
  const connection = await rawConnection(t, place)
  const placed = (columns: readonly string[], first: number, between: string) =>
    columns.map((column, n) => `"${column}" = ${connection.placeholder(first + n)}`).join(between)
  const cells = (row: Row, columns: readonly string[]): Cell[] => columns.map((column) => row[column] ?? null)
  return {
    rows: ({ name, key }) => connection.all(`select * from "${name}" order by ${key.map((column) => `"${column}"`).join(', ')}`),
    async put({ name, key }, of, columns) {
      const set = Object.keys(columns)
      const sql = `update "${name}" set ${placed(set, 1, ', ')} where ${placed(key, set.length + 1, ' and ')}`
      await connection.run(sql, [...cells(columns, set), ...cells(of, key)])
    },
    async insert(table, row) {
      const columns = columnsOf(table)
      const values = columns.map((_, n) => connection.placeholder(n + 1))
      const names = columns.map((column) => `"${column}"`)
      await connection.run(`insert into "${table.name}" (${names.join(', ')}) values (${values.join(', ')})`, cells(row, columns))
    },
    async remove({ name, key }, of) {
      await connection.run(`delete from "${name}" where ${placed(key, 1, ' and ')}`, cells(of, key))
    },
  }
}

/** What `verify` finds in a place that is opened for it. */
export async function findingsIn(place: Place): Promise<readonly Finding[]> {
  const sealed = await openPlace(place, { create: false, for: 'inspection' })
  try {
    return (await verifyAudit(sealed)).findings
  } finally {
    await sealed.close()
  }
}

/** Another value of the same kind. */
export function changed(cell: Cell | undefined, type?: ColumnType): Cell {
  if (cell === null) return { text: 'x', bytes: Buffer.alloc(32), integer: 7 }[(type ?? 'integer').replace('?', '') as 'text']
  if (cell instanceof Uint8Array) {
    const bytes = Buffer.from(cell)
    bytes[bytes.length - 1]! ^= 1
    return bytes
  }
  if (typeof cell === 'number') return cell + 1_000
  return `${cell}x`
}

export function keyOf(table: AnyTable, row: Row): string {
  return table.key.map((column) => String(row[column])).join('/')
}
