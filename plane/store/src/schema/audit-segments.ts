import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/**
 * A run of audit records that were let go of when they were old enough: what of them is still needed to show that what
 * remains is whole. The hashes of their leaves stay in the tiles.
 */
export interface AuditSegmentRow extends Protected {
  /** The first leaf that is still there; the key, because there is one segment to each. */
  readonly end: number
  /** Its own first leaf. */
  readonly first: number
  /** The times of its first and its last record. */
  readonly since: number
  readonly until: number
  /** The number of its last Change. */
  readonly last_change: number
  /** The root of the whole log up to its end. */
  readonly root: Uint8Array
  /**
   * JSON, of the newest segment alone: who wrote each row last that was written before the end, as the records that are
   * gone told it. Empty in the others.
   */
  readonly carried: string
  readonly pruned_at: number
}

export const auditSegments = defineTable<AuditSegmentRow>({
  name: 'audit_segments',
  protected: true,
  key: ['end'],
  columns: {
    end: 'integer',
    first: 'integer',
    since: 'integer',
    until: 'integer',
    last_change: 'integer',
    root: 'bytes',
    carried: 'text',
    pruned_at: 'integer',
  },
})

export const createAuditSegments: Migration = {
  name: '0031-audit-segments',
  up: ({ table }) => [table(auditSegments)],
}
