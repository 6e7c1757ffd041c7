import { type Resealing, reseal, rowMacKeyId, sealKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { type Fields, type KeyRecordRow, type TableName, tables } from '@headgate/store'
import type { Keyring } from '../keyring.ts'
import { sealPlaceOf } from './seal-places.ts'

/** What of a row is not under the keys in use now. */
export interface Outdated {
  /** Of the value in it that is sealed, where there is one and it is under another key. */
  readonly seal: Resealing | undefined
  readonly mac: boolean
}

/** Undefined where all of a row is under them. @throws SEAL_UNKNOWN, SEAL_TAMPERED, KEY_UNKNOWN where a seal names no key of the ring */
export function outdated(keyring: Keyring, table: TableName, row: Row): Outdated | undefined {
  const seal = resealingOf(keyring, table, row)
  const mac = tables[table].protected && rowMacKeyId(row['mac']) !== keyring.active('mac').id
  return seal || mac ? { seal, mac } : undefined
}

const WRAP = ['wrapped', 'root'] as const
const SEAL = ['sealed'] as const
const NOTHING = [] as const

/** The columns of a table in which `renewed` can change a row. */
export function renewedColumns(table: TableName): readonly string[] {
  if (table === 'key_records') return WRAP
  return 'sealed' in tables[table].columns ? SEAL : NOTHING
}

/** The row with its seal, or its wrap, under the keys in use; what it says is the same. Its MAC is the writer's to make. */
export function renewed(keyring: Keyring, table: string, row: Row): Row {
  const seal = resealingOf(keyring, table, row)
  return seal ? withSeal(table, row, seal, reseal(seal)) : row
}

/** The row with what `reseal` made of its seal. */
export function withSeal(table: string, row: Row, { to }: Resealing, sealed: Uint8Array): Row {
  return table === 'key_records' ? { ...row, wrapped: sealed, root: to.id } : { ...row, sealed }
}

/** What it takes to bring a row's seal under the key in use; undefined where it is, or where the table has none. */
function resealingOf(keyring: Keyring, table: string, row: Row): Resealing | undefined {
  if (table === 'key_records') return keyring.rewrapping(row as unknown as Fields<KeyRecordRow>)
  const place = sealPlaceOf(table, row)
  if (!place) return undefined
  const sealed = row['sealed'] as Uint8Array
  const id = sealKeyId(sealed, place)
  const ring = keyring.describe(id)
  if (ring?.purpose !== 'seal') throw new HeadgateError('KEY_UNKNOWN', { type: place.type, id: place.id, key: id })
  // A value is of the organisation whose key sealed it; its place says the same, or it would not open.
  const { organisation } = ring
  if (id === keyring.active('seal', organisation).id) return undefined
  return { context: { ...place, organisation }, sealed, from: ring.key, to: keyring.forSealing(organisation) }
}
