import { HeadgateError, type Cell, type Row } from '@headgate/model'
import { CanonicalEncoder } from './canonical-encoding.ts'
import { HASH_LENGTH, equalBytes, hmac } from './hash.ts'
import { KEY_ID_LENGTH, type SecretKey } from './secret-key.ts'

export const ROW_MAC_VERSION = 1
const MAC_START = 1 + KEY_ID_LENGTH
const ROW_LABEL = 'headgate row 1'
const MESSAGE_LABEL = 'headgate message 1'
export const ROW_MAC_LENGTH = MAC_START + HASH_LENGTH

/**
 * The MAC of a stored row: over the table's name and every column by name, `change` among them. So a row that was
 * edited, moved to another key or table, or lost a column does not fit it any more.
 *
 * @param row the columns; one called `mac` is left out
 */
export function rowMac(key: SecretKey, table: string, row: Row): Uint8Array {
  return macUnder(ROW_LABEL, key, table, row)
}

/**
 * The MAC of what one node of an installation says to another: laid out as a row's and under a label of its own, so
 * neither is ever taken for the other. It is not stored.
 */
export function messageMac(key: SecretKey, kind: string, message: Row): Uint8Array {
  return macUnder(MESSAGE_LABEL, key, kind, message)
}

function macUnder(label: string, key: SecretKey, table: string, row: Row): Uint8Array {
  const mac = Buffer.allocUnsafe(ROW_MAC_LENGTH)
  mac[0] = ROW_MAC_VERSION
  mac.write(key.id, 1, 'hex')
  mac.set(hmac(key.secret, encodeRow(label, table, row)), MAC_START)
  return mac
}

/** The key a row's MAC was made with; undefined where it is no MAC of a version this program knows. */
export function rowMacKeyId(mac: Cell | undefined): string | undefined {
  if (!(mac instanceof Uint8Array) || mac.length !== ROW_MAC_LENGTH || mac[0] !== ROW_MAC_VERSION) return undefined
  return Buffer.from(mac.buffer, mac.byteOffset + 1, KEY_ID_LENGTH).toString('hex')
}

/** Whether a row's `mac` column fits the row. */
export function rowMacFits(key: SecretKey, table: string, row: Row): boolean {
  return macFitsUnder(ROW_LABEL, key, table, row)
}

/** Whether a message's `mac` fits the message. */
export function messageMacFits(key: SecretKey, kind: string, message: Row): boolean {
  return macFitsUnder(MESSAGE_LABEL, key, kind, message)
}

function macFitsUnder(label: string, key: SecretKey, table: string, row: Row): boolean {
  const mac = row['mac']
  if (rowMacKeyId(mac) !== key.id) return false
  return equalBytes((mac as Uint8Array).subarray(MAC_START), hmac(key.secret, encodeRow(label, table, row)))
}

/**
 * The leaf of an audit record: the columns that never change, encoded as a row is.
 *
 * @param columns which these are, in the order of their names; all of the row's where absent
 * @returns bytes that count until the next row is encoded
 */
export function leafData(row: Row, columns?: readonly string[]): Uint8Array {
  return encodeColumns('headgate leaf 1', 'audit', row, columns ?? shapeOf('audit', row).columns)
}

/** What rows of a table have in common, worked out once: columns never change their names. */
interface Shape {
  /** As they stand in the row, which shows whether the next one is of this shape. */
  readonly names: readonly string[]
  /** All but `mac`, in order. */
  readonly columns: readonly string[]
}

/** By table. A row that is read has its MAC, one that is written has none yet: there are few shapes of each. */
const shapes = new Map<string, Shape[]>()
const TABLE_LIMIT = 1_000
const SHAPE_LIMIT = 8

function shapeOf(table: string, row: Row): Shape {
  const names = Object.keys(row)
  const known = shapes.get(table)
  const same = known?.find((shape) => sameNames(shape.names, names))
  if (same) return same
  const shape = { names, columns: names.filter((name) => name !== 'mac').toSorted() }
  if (known && known.length < SHAPE_LIMIT) known.push(shape)
  else {
    if (shapes.size >= TABLE_LIMIT) shapes.clear()
    shapes.set(table, [shape])
  }
  return shape
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false
  for (let n = 0; n < left.length; n += 1) if (left[n] !== right[n]) return false
  return true
}

function encodeRow(label: string, table: string, row: Row): Uint8Array {
  return encodeColumns(label, table, row, shapeOf(table, row).columns)
}

/** Every row is written here, one after the other: its hash is taken at once. */
const scratch = Buffer.allocUnsafeSlow(4_096)

function encodeColumns(label: string, table: string, row: Row, columns: readonly string[]): Uint8Array {
  const encoder = new CanonicalEncoder(label, scratch).text(table).integer(columns.length)
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
