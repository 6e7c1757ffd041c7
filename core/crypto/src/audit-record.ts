import type { Row } from '@headgate/model'
import { leafHash } from './merkle.ts'
import { leafData } from './row-mac.ts'

/** The part of an audit record its leaf commits to: all that never changes. The seal may be renewed, the place is the leaf's own. */
export interface AuditLeaf {
  readonly change: number
  readonly time: number
  readonly organisation: string | null
  readonly actor: string | null
  readonly actor_name: string
  readonly action: string
  readonly resource: string
  readonly outcome: string
  /** A salted hash of the details, which are sealed where they are stored. */
  readonly digest: Uint8Array
}

const columns: readonly (keyof AuditLeaf)[] = [
  'action',
  'actor',
  'actor_name',
  'change',
  'digest',
  'organisation',
  'outcome',
  'resource',
  'time',
]

/** The leaf hash of an audit record; what else the record carries does not count. */
export function auditLeafHash(record: AuditLeaf): Uint8Array {
  return leafHash(leafData(record as unknown as Row, columns))
}
