import { type SecretKey, rowMac, rowMacFits, rowMacKeyId, sealKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { type Protection, type TableName, tables } from '@headgate/store'
import type { Keyring } from './keyring.ts'

/**
 * The store's check of protected rows, with the keyring's MAC keys.
 *
 * @param refresh gets the keys other processes have made since; absent where there are none
 */
export function rowProtection(keyring: Keyring, refresh?: () => Promise<void>): Protection {
  return {
    ...(refresh ? { fetchKeys: (table, rows) => (rows.some((row) => namesUnknownKey(keyring, table, row)) ? refresh() : undefined) } : {}),
    mac: (table, row) => rowMac(keyring.active('mac'), table, row),
    check(table, row) {
      if (!rowFits(keyring, table, row)) throw new HeadgateError('ROW_TAMPERED', { table, key: rowKey(table, row) })
    },
  }
}

/** Whether a row is as it was written. A MAC of an unknown key or version does not fit. */
export function rowFits(keyring: Keyring, table: string, row: Row): boolean {
  const id = rowMacKeyId(row['mac'])
  const key: SecretKey | undefined = id === undefined ? undefined : keyring.find('mac', id)
  return key !== undefined && rowMacFits(key, table, row)
}

/** Whether a row names a key that is not in the ring. What is too damaged to name one is not missing any. */
function namesUnknownKey(keyring: Keyring, table: string, row: Row): boolean {
  const mac = rowMacKeyId(row['mac'])
  if (mac !== undefined && !keyring.find('mac', mac)) return true
  const { sealed } = row
  if (!(sealed instanceof Uint8Array)) return false
  try {
    return !keyring.find('seal', sealKeyId(sealed, { type: table, id: '' }))
  } catch {
    return false
  }
}

/** A row's key as messages and findings name it. */
export function rowKey(table: string, row: Row): string {
  return tables[table as TableName].key.map((column) => String(row[column])).join('/')
}
