import type { OrganisationId } from '@headgate/model'
import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

/**
 * What a key of the keyring is for. `seal` keys belong to an organisation and are rolled; the others belong to the
 * whole installation: row MACs, handle MACs, token digests, and the log's signature.
 */
export type KeyPurpose = 'seal' | 'mac' | 'handle' | 'token' | 'log'

export interface KeyRecordRow extends Protected {
  /** 8 random bytes as hexadecimal digits: what a sealed value's header names. */
  readonly id: string
  /** The organisation it seals for; empty where it belongs to the installation. */
  readonly organisation: OrganisationId | ''
  readonly purpose: KeyPurpose
  /** The id of the root key it is wrapped by. */
  readonly root: string
  readonly wrapped: Uint8Array
  /** A retired key opens what it sealed, and seals nothing any more. */
  readonly state: 'active' | 'retired'
  readonly created_at: number
}

export const keyRecords = defineTable<KeyRecordRow>({
  name: 'key_records',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    purpose: 'text',
    root: 'text',
    wrapped: 'bytes',
    state: 'text',
    created_at: 'integer',
  },
})

export const createKeys: Migration = {
  name: '0004-keys',
  up: ({ table }) => [table(keyRecords)],
}
