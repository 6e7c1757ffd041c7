import type { EnvironmentId, OrganisationId, PrincipalId, RecordId } from '@headgate/model'
import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

export interface EnvironmentRow extends Protected {
  readonly id: EnvironmentId
  readonly organisation: OrganisationId
  /** The project's name. */
  readonly project: string
  readonly name: string
  readonly created_at: number
  /** Set while it is deleted and can be restored; its name is free again meanwhile. */
  readonly deleted_at: number | null
  /** The newest revision, 0 where there is none yet. */
  readonly head_revision: number
  /** The newest revision's hash, null where there is none yet. */
  readonly head_hash: Uint8Array | null
}

export const environments = defineTable<EnvironmentRow>({
  name: 'environments',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    project: 'text',
    name: 'text',
    created_at: 'integer',
    deleted_at: 'integer?',
    head_revision: 'integer',
    head_hash: 'bytes?',
  },
})

/** Immutable once written; only the outer seal of its text is renewed. */
export interface RevisionRow extends Protected {
  readonly environment: EnvironmentId
  readonly number: number
  /** The text with its handles, sealed as a whole. */
  readonly sealed: Uint8Array
  /** The hash of the revision before, null for the first. */
  readonly previous: Uint8Array | null
  readonly hash: Uint8Array
  readonly author: PrincipalId
  readonly created_at: number
}

export const revisions = defineTable<RevisionRow>({
  name: 'revisions',
  protected: true,
  key: ['environment', 'number'],
  columns: {
    environment: 'text',
    number: 'integer',
    sealed: 'bytes',
    previous: 'bytes?',
    hash: 'bytes',
    author: 'text',
    created_at: 'integer',
  },
})

/** The sealed value of one secret, never changed once written; what a handle names. */
export interface RecordRow extends Protected {
  readonly id: RecordId
  readonly environment: EnvironmentId
  readonly sealed: Uint8Array
  readonly created_at: number
}

export const records = defineTable<RecordRow>({
  name: 'records',
  protected: true,
  key: ['id'],
  columns: { id: 'text', environment: 'text', sealed: 'bytes', created_at: 'integer' },
})

export interface TagRow extends Protected {
  readonly environment: EnvironmentId
  readonly name: string
  readonly revision: number
  readonly author: PrincipalId
  readonly moved_at: number
}

export const tags = defineTable<TagRow>({
  name: 'tags',
  protected: true,
  key: ['environment', 'name'],
  columns: { environment: 'text', name: 'text', revision: 'integer', author: 'text', moved_at: 'integer' },
})

export const createEnvironments: Migration = {
  name: '0002-environments',
  up: ({ table, index }) => [
    table(environments, { references: { organisation: 'organisations.id' } }),
    index('environments_name', 'environments', ['organisation', 'project', 'name'], { unique: true, whereNull: 'deleted_at' }),
    table(revisions, { references: { environment: 'environments.id' } }),
    table(records, { references: { environment: 'environments.id' } }),
    index('records_environment', 'records', ['environment']),
    table(tags, { references: { environment: 'environments.id' } }),
  ],
}
