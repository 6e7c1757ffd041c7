import { open, rowMacKeyId, seal, sealKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { type Fields, type KeyRecordRow, type TableName, tables } from '@headgate/store'
import type { Keyring, RingKey } from '../keyring.ts'
import { sealPlaceOf } from './seal-places.ts'

/** What of a row is not under the keys in use now. */
export interface Outdated {
  readonly seal: OldSeal | undefined
  readonly mac: boolean
  readonly root: boolean
}

/** Undefined where all of a row is under them. @throws SEAL_UNKNOWN, SEAL_TAMPERED, KEY_UNKNOWN where a seal names no key of the ring */
export function outdated(keyring: Keyring, table: TableName, row: Row): Outdated | undefined {
  const seal = outdatedSeal(keyring, table, row)
  const mac = tables[table].protected && rowMacKeyId(row['mac']) !== keyring.active('mac').id
  const root = table === 'key_records' && row['root'] !== keyring.rootId()
  return seal || mac || root ? { seal, mac, root } : undefined
}

const WRAP = ['wrapped', 'root'] as const
const SEAL = ['sealed'] as const
const NOTHING = [] as const

/** The columns of a table in which `renewed` can change a row. */
export function renewedColumns(table: TableName): readonly string[] {
  if (table === 'key_records') return WRAP
  return 'sealed' in tables[table].columns ? SEAL : NOTHING
}

/**
 * The row with its seal and its wrap under the keys in use; what it says is the same. Its MAC is the writer's to make.
 *
 * @param old what `outdated` said of its seal, where it was asked
 */
export function renewed(keyring: Keyring, table: string, row: Row, old = outdatedSeal(keyring, table, row)): Row {
  if (table === 'key_records') return keyring.rewrap(row as unknown as Fields<KeyRecordRow>)
  return old ? { ...row, sealed: reseal(keyring, old, row['sealed'] as Uint8Array) } : row
}

/** A value is of the organisation whose key sealed it; its place says the same, or it would not open. */
export interface OldSeal {
  readonly place: NonNullable<ReturnType<typeof sealPlaceOf>>
  readonly ring: RingKey
}

/** What a row's seal is, where its key is not the one in use. */
function outdatedSeal(keyring: Keyring, table: string, row: Row): OldSeal | undefined {
  const place = sealPlaceOf(table, row)
  if (!place) return undefined
  const id = sealKeyId(row['sealed'] as Uint8Array, place)
  const ring = keyring.describe(id)
  if (ring?.purpose !== 'seal') throw new HeadgateError('KEY_UNKNOWN', { type: place.type, id: place.id, key: id })
  return id === keyring.active('seal', ring.organisation).id ? undefined : { place, ring }
}

function reseal(keyring: Keyring, { place, ring }: OldSeal, sealed: Uint8Array): Uint8Array {
  const context = { ...place, organisation: ring.organisation }
  const plaintext = open((id) => keyring.find('seal', id), context, sealed)
  const again = seal(keyring.forSealing(ring.organisation), context, plaintext)
  plaintext.fill(0)
  return again
}
