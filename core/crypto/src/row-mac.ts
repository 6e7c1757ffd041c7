import { HeadgateError, type Cell, type Row } from '@headgate/model'
import { CanonicalEncoder } from './canonical-encoding.ts'
import { HASH_LENGTH, equalBytes, hmac } from './hash.ts'
import { KEY_ID_LENGTH, type SecretKey } from './secret-key.ts'

export const ROW_MAC_VERSION = 1
const MAC_START = 1 + KEY_ID_LENGTH
export const ROW_MAC_LENGTH = MAC_START + HASH_LENGTH

/**
 * The MAC of a stored row: over the table's name and every column by name, `change` among them. So a row that was
 * edited, moved to another key or table, or lost a column does not fit it any more.
 *
 * @param row the columns; one called `mac` is left out
 */
export function rowMac(key: SecretKey, table: string, row: Row): Uint8Array {
  const mac = Buffer.allocUnsafe(ROW_MAC_LENGTH)
  mac[0] = ROW_MAC_VERSION
  mac.write(key.id, 1, 'hex')
  mac.set(hmac(key.secret, encodeRow('headgate row 1', table, row)), MAC_START)
  return mac
}

/** The key a row's MAC was made with; undefined where it is no MAC of a version this program knows. */
export function rowMacKeyId(mac: Cell | undefined): string | undefined {
  if (!(mac instanceof Uint8Array) || mac.length !== ROW_MAC_LENGTH || mac[0] !== ROW_MAC_VERSION) return undefined
  return Buffer.from(mac.buffer, mac.byteOffset + 1, KEY_ID_LENGTH).toString('hex')
}

/** Whether a row's `mac` column fits the row. */
export function rowMacFits(key: SecretKey, table: string, row: Row): boolean {
  const mac = row['mac']
  if (rowMacKeyId(mac) !== key.id) return false
  return equalBytes((mac as Uint8Array).subarray(MAC_START), hmac(key.secret, encodeRow('headgate row 1', table, row)))
}

/**
 * The leaf of an audit record: the columns that never change, encoded as a row is.
 *
 * @param columns which these are, in the order of their names; all of the row's where absent
 */
export function leafData(row: Row, columns: readonly string[] = columnsInOrder(row)): Uint8Array {
  return encodeColumns('headgate leaf 1', 'audit', row, columns)
}

/** A row's columns never change their names, so their order is worked out once per shape. */
const sortedColumns = new Map<string, readonly string[]>()
const SHAPE_LIMIT = 1_000

function columnsInOrder(row: Row): readonly string[] {
  const names = Object.keys(row)
  const shape = names.join(' ')
  const known = sortedColumns.get(shape)
  if (known) return known
  if (sortedColumns.size >= SHAPE_LIMIT) sortedColumns.clear()
  const sorted = names.filter((name) => name !== 'mac').toSorted()
  sortedColumns.set(shape, sorted)
  return sorted
}

function encodeRow(label: string, table: string, row: Row): Uint8Array {
  return encodeColumns(label, table, row, columnsInOrder(row))
}

function encodeColumns(label: string, table: string, row: Row, columns: readonly string[]): Uint8Array {
  const encoder = new CanonicalEncoder(label, 1_024).text(table).integer(columns.length)
  for (const column of columns) encodeCell(encoder.text(column), table, column, row[column])
  return encoder.end()
}

function encodeCell(encoder: CanonicalEncoder, table: string, column: string, cell: Cell | undefined): void {
  if (cell === null) encoder.byte(0)
  else if (typeof cell === 'number' && Number.isSafeInteger(cell)) encoder.byte(1).integer(cell)
  else if (typeof cell === 'string') encoder.byte(2).text(cell)
  else if (cell instanceof Uint8Array) encoder.byte(3).bytes(cell)
  else throw new HeadgateError('ROW_TAMPERED', { table, key: column })
}
