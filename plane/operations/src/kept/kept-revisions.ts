import { Buffer } from 'node:buffer'
import { type PrincipalId, type Result, ok } from '@headgate/model'
import { type LocatedRevision, readLocated } from '../environments/find-revision.ts'
import { textOf } from '../environments/import-closure.ts'
import type { Plane } from '../plane.ts'

/** Characters of texts kept at a time; the least recently read go. */
const SIZE_LIMIT = 16 * 1024 * 1024
/** One larger than this is not worth the room of all the others. */
const ENTRY_LIMIT = 1024 * 1024

/** What a revision says, as it was checked when it was read: its text with its handles, and nothing that could ever change. */
export interface KeptRevision {
  readonly number: number
  /** As hexadecimal digits. */
  readonly hash: string
  readonly author: PrincipalId
  readonly created: number
  readonly text: string
}

/** Revisions that were read lately. A revision never changes, so what is kept of one holds as long as its environment is found. */
export interface KeptRevisions {
  read(plane: Plane, located: LocatedRevision): Promise<Result<KeptRevision>>
}

export function keepRevisions(): KeptRevisions {
  const kept = new Map<string, KeptRevision>()
  let size = 0

  const keep = (key: string, revision: KeptRevision): void => {
    if (kept.has(key) || revision.text.length > ENTRY_LIMIT) return
    kept.set(key, revision)
    size += revision.text.length
    for (const [oldest, { text }] of kept) {
      if (size <= SIZE_LIMIT) break
      kept.delete(oldest)
      size -= text.length
    }
  }

  return {
    async read(plane, located) {
      const key = `${located.environment.id}@${located.number}`
      const known = kept.get(key)
      if (known) {
        // The last read stands last.
        kept.delete(key)
        kept.set(key, known)
        return ok(known)
      }
      const found = await readLocated(plane, located)
      if (!found.ok) return found
      const { number, hash, author, created_at: created } = found.value.revision
      const text = textOf(plane, found.value.environment, found.value.revision)
      const revision = { number, hash: Buffer.from(hash).toString('hex'), author, created, text }
      keep(key, revision)
      return ok(revision)
    },
  }
}
