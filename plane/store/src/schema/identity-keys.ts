import type { OrganisationId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** A key the plane signs with when it says outside who it is. The private half is sealed. */
export interface IdentityKeyRow extends Protected {
  /** What a token names its key by. */
  readonly id: string
  readonly organisation: OrganisationId
  /** The public half as a JSON Web Key, JSON. */
  readonly public_key: string
  /** The private half, PKCS #8 in PEM. */
  readonly sealed: Uint8Array
  readonly created_at: number
}

export const identityKeys = defineTable<IdentityKeyRow>({
  name: 'identity_keys',
  protected: true,
  key: ['id'],
  columns: { id: 'text', organisation: 'text', public_key: 'text', sealed: 'bytes', created_at: 'integer' },
})

export const createIdentityKeys: Migration = {
  name: '0030-identity-keys',
  up: ({ table, index }) => [
    table(identityKeys, { references: { organisation: 'organisations.id' } }),
    index('identity_keys_organisation', 'identity_keys', ['organisation']),
  ],
}
