import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

/**
 * One rotation of keys. While it is neither `finished` nor `undone` both the old and the new keys are there, and either
 * root key opens everything.
 */
export interface KeyRotationRow extends Protected {
  /** Counts the rotations from 1, so that two that begin at once are a conflict. */
  readonly number: number
  /** `root`: the root key; `data`: the data keys and the key of row MACs; `all`: both. */
  readonly what: 'root' | 'data' | 'all'
  /**
   * `moving`: rows are brought under the new keys; `moved`: all of them are; `finishing`: the old keys are about to go;
   * `undoing`: rows are brought back under the old keys.
   */
  readonly state: 'moving' | 'moved' | 'finishing' | 'finished' | 'undoing' | 'undone'
  /** The ids of the root keys; equal where the root key stays. */
  readonly from_root: string
  readonly to_root: string
  /** Where the old and the new root key are: the kinds of their sources. */
  readonly from_source: string
  readonly to_source: string
  /** The old root key sealed under the new one, and the other way round; null where the root key stays, and in the end. */
  readonly old_under_new: Uint8Array | null
  readonly new_under_old: Uint8Array | null
  /** JSON: the ids of the data keys that go, of those among them that were in use, and of those that come. */
  readonly leaving: string
  readonly replaced: string
  readonly arriving: string
  /** JSON: how many rows are under which kind of key, as counted by reading in the end; empty before. */
  readonly proof: string
  readonly started_at: number
  readonly changed_at: number
  /** Who began it, by name. */
  readonly started_by: string
}

export const keyRotations = defineTable<KeyRotationRow>({
  name: 'key_rotations',
  protected: true,
  key: ['number'],
  columns: {
    number: 'integer',
    what: 'text',
    state: 'text',
    from_root: 'text',
    to_root: 'text',
    from_source: 'text',
    to_source: 'text',
    old_under_new: 'bytes?',
    new_under_old: 'bytes?',
    leaving: 'text',
    replaced: 'text',
    arriving: 'text',
    proof: 'text',
    started_at: 'integer',
    changed_at: 'integer',
    started_by: 'text',
  },
})

export const createKeyRotations: Migration = {
  name: '0020-key-rotations',
  up: ({ table }) => [table(keyRotations)],
}
