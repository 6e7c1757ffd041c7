import type { DraftId, EnvironmentId, PrincipalId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Something that happened to a draft, or was said about it. Approvals are among them, and they decide. */
export interface DraftEventRow extends Protected {
  readonly id: string
  readonly draft: DraftId
  readonly environment: EnvironmentId
  readonly kind: 'created' | 'changed' | 'described' | 'submitted' | 'approved' | 'unapproved' | 'commented' | 'applied' | 'closed'
  /** The version of the draft that was the newest then: an approval is of that text alone. */
  readonly version: number
  readonly comment: string
  readonly author: PrincipalId
  readonly created_at: number
  /** Orders the events of a draft. */
  readonly number: number
}

export const draftEvents = defineTable<DraftEventRow>({
  name: 'draft_events',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    draft: 'text',
    environment: 'text',
    kind: 'text',
    version: 'integer',
    comment: 'text',
    author: 'text',
    created_at: 'integer',
    number: 'integer',
  },
})

export const createDraftEvents: Migration = {
  name: '0032-draft-events',
  up: ({ table, index }) => [
    table(draftEvents, { references: { environment: 'environments.id' } }),
    index('draft_events_draft', 'draft_events', ['draft', 'number'], { unique: true }),
  ],
}
