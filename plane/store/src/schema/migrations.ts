import type { MigrationId, OrganisationId, PrincipalId } from '@headgate/model'
import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

/** A migration of `.env` files: what was written where, so that it can be validated and rolled back as one. */
export interface MigrationRow extends Protected {
  readonly id: MigrationId
  readonly organisation: OrganisationId
  readonly project: string
  readonly state: 'applied' | 'rolled-back'
  readonly author: PrincipalId
  readonly created_at: number
  readonly rolled_back_at: number | null
  /** What it wrote, as JSON, sealed: names and numbers, never values. */
  readonly sealed: Uint8Array
}

export const migrations = defineTable<MigrationRow>({
  name: 'migrations',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    project: 'text',
    state: 'text',
    author: 'text',
    created_at: 'integer',
    rolled_back_at: 'integer?',
    sealed: 'bytes',
  },
})

export const createMigrations: Migration = {
  name: '0006-migrations',
  up: ({ table, index }) => [
    table(migrations, { references: { organisation: 'organisations.id' } }),
    index('migrations_project', 'migrations', ['organisation', 'project', 'created_at']),
  ],
}
