import type { AuditRecord } from './audit.ts'
import type { EnvironmentId } from './ids.ts'

/** What one column of a stored row can hold. Booleans are 0 and 1; times are milliseconds since 1970. */
export type Cell = string | number | null | Uint8Array

/** A stored row by its columns' names. */
export type Row = Readonly<Record<string, Cell>>

/**
 * One write of a Change. The store's `insert`, `update`, `upsert` and `remove` make them, typed by table.
 *
 * Rows are whole: a protected row carries a MAC over all its columns, so nobody can write half of one. `was` is the
 * number of the Change that had written the row this one replaces; if another came first, the whole Change is a
 * conflict. `change` and `mac` of a protected row are filled in when the Change is sealed. `renews` names the columns in
 * which an update differs from what is stored, where whoever writes it knows: only they, and what is filled in, are written.
 */
export type Write =
  | { readonly op: 'insert'; readonly table: string; readonly row: Row }
  | { readonly op: 'update'; readonly table: string; readonly row: Row; readonly was?: number; readonly renews?: readonly string[] }
  | { readonly op: 'upsert'; readonly table: string; readonly row: Row }
  | { readonly op: 'delete'; readonly table: string; readonly row: Row; readonly was?: number }

/**
 * What must still hold when a Change is committed. One that does not makes the Change a conflict, and nothing of it
 * is written. `name` is what the message calls the thing.
 */
export type Expectation =
  /** The newest revision of an environment; 0 where it has none yet. */
  | { readonly kind: 'head'; readonly environment: EnvironmentId; readonly revision: number; readonly name: string }
  /** Where a tag points; null where it must not exist. */
  | {
      readonly kind: 'tag'
      readonly environment: EnvironmentId
      readonly tag: string
      readonly revision: number | null
      readonly name: string
    }
  /** A row, by its key's columns: written by exactly this Change, present, or absent. */
  | {
      readonly kind: 'row'
      readonly table: string
      readonly key: Row
      readonly state: number | 'present' | 'absent'
      readonly name: string
    }
  /** A lease is still held: what fences a paused owner out. */
  | { readonly kind: 'lease'; readonly lease: string; readonly owner: string; readonly epoch: number }

/**
 * What a use case returns instead of writing: everything it wants written, what it took for granted, and the one
 * audit record of it. A read of a secret is a Change without writes. Committed as a whole or not at all.
 */
export interface Change {
  readonly expect: readonly Expectation[]
  readonly writes: readonly Write[]
  readonly audit: AuditRecord
  /**
   * How much of the space that is kept for a full disk it may be recorded in; absent: none, and it is refused then.
   * `half` is for what anybody signed in can repeat, `all` for what makes room or saves what is there.
   */
  readonly whenFull?: 'half' | 'all'
}

/** A Change that is on disk. */
export interface Committed {
  /** The number of the Change. Numbers rise in the order of commits; a conflict leaves a gap. */
  readonly change: number
  readonly time: number
}

/** What listeners are told of a commit: names and numbers, never values. */
export interface CommitNotice {
  readonly change: number
  readonly time: number
  /** Environments with a new newest revision. */
  readonly environments: readonly { readonly id: EnvironmentId; readonly revision: number }[]
  /** Tags that were set, moved or removed (null). */
  readonly tags: readonly { readonly environment: EnvironmentId; readonly tag: string; readonly revision: number | null }[]
  /** Every table that was written, for listeners with other interests. */
  readonly tables: readonly string[]
  /**
   * Set where commits of another process were missed while the connection was lost: the rest is what they left as far
   * as the tables tell, every table may have been written, and a listener looks at what it cares for again.
   */
  readonly missed?: true
}
