import type { DraftId, EnvironmentId, OrganisationId, PrincipalId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/**
 * A change that is proposed: a text that may become a revision, a request to open the environment for a while, or the
 * new states of a rotation until they are in a revision. The draft of a rotation has the rotation's id.
 */
export interface DraftRow extends Protected {
  readonly id: DraftId
  readonly organisation: OrganisationId
  readonly environment: EnvironmentId
  readonly kind: 'text' | 'access' | 'rotation'
  readonly state: 'open' | 'submitted' | 'applied' | 'closed'
  /** The environment's revision it was made on. */
  readonly base: number
  /** Counts the texts it had; the newest is the one kept. */
  readonly version: number
  readonly description: string
  readonly author: PrincipalId
  readonly created_at: number
  readonly changed_at: number
  /** The text with its handles, or what is asked for, sealed. */
  readonly sealed: Uint8Array
}

export const drafts = defineTable<DraftRow>({
  name: 'drafts',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    environment: 'text',
    kind: 'text',
    state: 'text',
    base: 'integer',
    version: 'integer',
    description: 'text',
    author: 'text',
    created_at: 'integer',
    changed_at: 'integer',
    sealed: 'bytes',
  },
})

export const createDrafts: Migration = {
  name: '0014-drafts',
  up: ({ table, index }) => [
    table(drafts, { references: { environment: 'environments.id' } }),
    index('drafts_environment', 'drafts', ['environment', 'created_at']),
  ],
}
