import { open, rowMacKeyId, seal, sealKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { type Fields, type KeyRecordRow, tables, type TableName } from '@headgate/store'
import type { Keyring } from '../keyring.ts'
import { sealPlaceOf } from './seal-places.ts'

/** Which of a row's keys are not the ones in use now. */
export interface Outdated {
  readonly seal: boolean
  readonly mac: boolean
  readonly root: boolean
}

/** @throws SEAL_UNKNOWN, SEAL_TAMPERED, KEY_UNKNOWN where a seal names no key of the ring */
export function outdated(keyring: Keyring, table: string, row: Row): Outdated {
  const isProtected = tables[table as TableName].protected
  return {
    seal: sealIsOutdated(keyring, table, row),
    mac: isProtected && rowMacKeyId(row['mac']) !== keyring.active('mac').id,
    root: table === 'key_records' && row['root'] !== keyring.rootId(),
  }
}

/** The row with its seal and its wrap under the keys in use; what it says is the same. Its MAC is the writer's to make. */
export function renewed(keyring: Keyring, table: string, row: Row): Row {
  if (table === 'key_records') return keyring.rewrap(row as unknown as Fields<KeyRecordRow>)
  return sealIsOutdated(keyring, table, row) ? { ...row, sealed: reseal(keyring, table, row) } : row
}

function sealIsOutdated(keyring: Keyring, table: string, row: Row): boolean {
  const place = sealPlaceOf(table, row)
  if (!place) return false
  const id = sealKeyId(row['sealed'] as Uint8Array, place)
  return id !== keyring.active('seal', organisationOf(keyring, id, place)).id
}

function reseal(keyring: Keyring, table: string, row: Row): Uint8Array {
  const place = sealPlaceOf(table, row)
  if (!place) throw new TypeError(`${table} has no sealed column`)
  const sealed = row['sealed'] as Uint8Array
  const context = { ...place, organisation: organisationOf(keyring, sealKeyId(sealed, place), place) }
  const plaintext = open((id) => keyring.find('seal', id), context, sealed)
  const again = seal(keyring.forSealing(context.organisation), context, plaintext)
  plaintext.fill(0)
  return again
}

/** A value is of the organisation whose key sealed it; its place says the same, or it would not open. */
function organisationOf(keyring: Keyring, id: string, place: { readonly type: string; readonly id: string }): string {
  const ring = keyring.describe(id)
  if (ring?.purpose !== 'seal') throw new HeadgateError('KEY_UNKNOWN', { ...place, key: id })
  return ring.organisation
}
