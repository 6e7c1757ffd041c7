import type { EnvironmentId, PrincipalId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Whom an environment was handed to. One without a row is owned by whoever made it. Nobody may do more by it. */
export interface EnvironmentOwnerRow extends Protected {
  readonly environment: EnvironmentId
  readonly owner: PrincipalId
  readonly assigned_at: number
}

export const environmentOwners = defineTable<EnvironmentOwnerRow>({
  name: 'environment_owners',
  protected: true,
  key: ['environment'],
  columns: { environment: 'text', owner: 'text', assigned_at: 'integer' },
})

export const createEnvironmentOwners: Migration = {
  name: '0033-environment-owners',
  up: ({ table }) => [table(environmentOwners, { references: { environment: 'environments.id' } })],
}
