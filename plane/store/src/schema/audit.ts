import type { AuditOutcome, OrganisationId, PrincipalId } from '@headgate/model'
import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

/** One audit record; its `change` is its own number, and its key. */
export interface AuditRow extends Protected {
  /** Its place in the Merkle log; null until the sequencer gave it one. */
  readonly leaf: number | null
  readonly time: number
  readonly organisation: OrganisationId | null
  readonly actor: PrincipalId | null
  readonly actor_name: string
  readonly action: string
  readonly resource: string
  readonly outcome: AuditOutcome
  /** A salted hash of what is sealed, so that the leaf stays the same when the seal is renewed. */
  readonly digest: Uint8Array
  readonly sealed: Uint8Array
}

export const audit = defineTable<AuditRow>({
  name: 'audit',
  protected: true,
  key: ['change'],
  columns: {
    leaf: 'integer?',
    time: 'integer',
    organisation: 'text?',
    actor: 'text?',
    actor_name: 'text',
    action: 'text',
    resource: 'text',
    outcome: 'text',
    digest: 'bytes',
    sealed: 'bytes',
  },
})

/**
 * 256 neighbouring hashes of one level of the Merkle tree (0: leaves, 1: roots of 256 leaves, …), written when the
 * last of them is known. Derived from the records, and checked against the signed checkpoints.
 */
export interface AuditTileRow {
  readonly level: number
  readonly position: number
  readonly hashes: Uint8Array
}

export const auditTiles = defineTable<AuditTileRow>({
  name: 'audit_tiles',
  protected: false,
  key: ['level', 'position'],
  columns: { level: 'integer', position: 'integer', hashes: 'bytes' },
})

/** A signed statement of the log's size and root. Needs no MAC: it is signed. */
export interface CheckpointRow {
  readonly size: number
  readonly time: number
  /** A C2SP checkpoint as a signed note. */
  readonly note: string
}

export const checkpoints = defineTable<CheckpointRow>({
  name: 'checkpoints',
  protected: false,
  key: ['size'],
  columns: { size: 'integer', time: 'integer', note: 'text' },
})

export const createAudit: Migration = {
  name: '0005-audit',
  up: ({ table, index }) => [
    table(audit),
    index('audit_leaf', 'audit', ['leaf'], { unique: true }),
    index('audit_time', 'audit', ['time']),
    index('audit_actor', 'audit', ['actor', 'change']),
    index('audit_resource', 'audit', ['resource', 'change']),
    table(auditTiles),
    table(checkpoints),
  ],
}
