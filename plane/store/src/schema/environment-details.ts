import type { EnvironmentId, PrincipalId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** What is decided about an environment as a whole; one without a row has the defaults. */
export interface EnvironmentSettingsRow extends Protected {
  readonly environment: EnvironmentId
  /** 1 while it cannot be deleted. */
  readonly deletion_protected: number
}

export const environmentSettings = defineTable<EnvironmentSettingsRow>({
  name: 'environment_settings',
  protected: true,
  key: ['environment'],
  columns: { environment: 'text', deletion_protected: 'integer' },
})

/** A name with a value that people sort environments by. (A tag names a revision.) */
export interface LabelRow extends Protected {
  readonly environment: EnvironmentId
  readonly name: string
  readonly value: string
  readonly author: PrincipalId
  readonly created_at: number
  readonly changed_at: number
}

export const labels = defineTable<LabelRow>({
  name: 'labels',
  protected: true,
  key: ['environment', 'name'],
  columns: { environment: 'text', name: 'text', value: 'text', author: 'text', created_at: 'integer', changed_at: 'integer' },
})

/** A revision that is no longer opened; another is opened in its place. The revision itself never changes. */
export interface RetractionRow extends Protected {
  readonly environment: EnvironmentId
  readonly revision: number
  readonly replacement: number
  readonly reason: string
  readonly author: PrincipalId
  readonly retracted_at: number
}

export const retractions = defineTable<RetractionRow>({
  name: 'retractions',
  protected: true,
  key: ['environment', 'revision'],
  columns: {
    environment: 'text',
    revision: 'integer',
    replacement: 'integer',
    reason: 'text',
    author: 'text',
    retracted_at: 'integer',
  },
})

export const createEnvironmentDetails: Migration = {
  name: '0012-environment-details',
  up: ({ table }) => [
    table(environmentSettings, { references: { environment: 'environments.id' } }),
    table(labels, { references: { environment: 'environments.id' } }),
    table(retractions, { references: { environment: 'environments.id' } }),
  ],
}
