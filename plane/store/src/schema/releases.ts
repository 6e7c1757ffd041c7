import type { OrganisationId, PrincipalId, ReleaseId, RunId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Immutable once it has a label. Its id is the hash of its content, so the same content is the same row. */
export interface ReleaseRow extends Protected {
  readonly id: ReleaseId
  readonly organisation: OrganisationId
  readonly project: string
  readonly environment: string
  /** Counts up within its target. */
  readonly number: number
  readonly version: string | null
  /** JSON: the model's `ReleaseContent`. */
  readonly content: string
  readonly author: PrincipalId | null
  readonly author_name: string
  readonly created_at: number
}

export const releases = defineTable<ReleaseRow>({
  name: 'releases',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    project: 'text',
    environment: 'text',
    number: 'integer',
    version: 'text?',
    content: 'text',
    author: 'text?',
    author_name: 'text',
    created_at: 'integer',
  },
})

/** Where releases go, and what is there. */
export interface TargetRow extends Protected {
  readonly organisation: OrganisationId
  readonly project: string
  readonly environment: string
  /** The release that proved good last; null where nothing is to run. */
  readonly live: ReleaseId | null
  /** The release whose configuration is pinned; null where none is. */
  readonly pinned: ReleaseId | null
  /** JSON: shares of traffic in percent, by service and release, as they were last acknowledged by the router. */
  readonly traffic: string
  /** The run under way; while there is one, no other begins. */
  readonly run: RunId | null
}

export const targets = defineTable<TargetRow>({
  name: 'targets',
  protected: true,
  key: ['organisation', 'project', 'environment'],
  columns: { organisation: 'text', project: 'text', environment: 'text', live: 'text?', pinned: 'text?', traffic: 'text', run: 'text?' },
})

export const createReleases: Migration = {
  name: '0009-releases',
  up: ({ table, index }) => [
    table(releases, { references: { organisation: 'organisations.id' } }),
    index('releases_number', 'releases', ['organisation', 'project', 'environment', 'number'], { unique: true }),
    table(targets, { references: { organisation: 'organisations.id' } }),
  ],
}
