import type { EnvironmentId, OpenSessionId, OrganisationId, PrincipalId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { defineTable } from './table.ts'

/**
 * What somebody opened, kept for them until it expires. Not protected: what it holds is sealed for its own id, and a row
 * put back is as expired as it was.
 */
export interface OpenSessionRow {
  readonly id: OpenSessionId
  readonly organisation: OrganisationId
  /** Null for a text that belongs to no environment. */
  readonly environment: EnvironmentId | null
  /** Who opened it; nobody else may read it. */
  readonly principal: PrincipalId
  readonly created_at: number
  readonly expires_at: number
  /** The evaluated environment, sealed. */
  readonly sealed: Uint8Array
}

export const openSessions = defineTable<OpenSessionRow>({
  name: 'open_sessions',
  protected: false,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    environment: 'text?',
    principal: 'text',
    created_at: 'integer',
    expires_at: 'integer',
    sealed: 'bytes',
  },
})

export const createOpenSessions: Migration = {
  name: '0013-open-sessions',
  up: ({ table, index }) => [
    table(openSessions, { references: { organisation: 'organisations.id' } }),
    index('open_sessions_expiry', 'open_sessions', ['expires_at']),
  ],
}
