import { type SecretKey, rowMac, rowMacFits, rowMacKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { type Protection, type TableName, tables } from '@headgate/store'
import type { Keyring } from './keyring.ts'

/** The store's check of protected rows, with the keyring's MAC keys. */
export function rowProtection(keyring: Keyring): Protection {
  return {
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

/** A row's key as messages and findings name it. */
export function rowKey(table: string, row: Row): string {
  return tables[table as TableName].key.map((column) => String(row[column])).join('/')
}
