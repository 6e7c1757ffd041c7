import { type CommitNotice, type Committed, type Result, ok } from '@headgate/model'
import type { Database } from './database.ts'
import { noticeOf } from './notice.ts'
import type { Protection, Sequencer } from './protection.ts'
import { type Queries, queriesOf } from './queries/index.ts'
import { readerOf } from './queries/reader.ts'
import type { ReserveUse } from './reserve.ts'
import type { SealChange } from './sealed-change.ts'
import { createWriter } from './writer.ts'

export interface Store extends Queries {
  /**
   * Commits a Change; only the vault's change writer makes one. Resolves when it is durable, or with the conflict that
   * kept it from being written.
   *
   * @param seal asked for the sealed Change when its number is known
   * @throws STORE_UNAVAILABLE when the disk or the server fails: nothing was written, and the next attempt may succeed;
   *   STORE_UNCERTAIN when the server was lost while it committed, and nobody could be asked; STORE_FULL when the disk is
   *   full and the Change may not be recorded in the space kept for that
   */
  commit(seal: SealChange, use?: ReserveUse): Promise<Result<Committed>>
  /** Gives room back to the disk after rows were removed. */
  compact(): Promise<void>
  /**
   * Tells of every commit that wrote more than its record, after it is durable, by whichever process: this one's in the
   * order of their commits, and every other one's too. Between processes a notice may be late, so a listener reads what it
   * is told about and never goes back. Returns what ends it.
   */
  onCommit(listener: (notice: CommitNotice) => void): () => void
  /** Changes committed, and the durable transactions it took. */
  statistics(): { readonly changes: number; readonly commits: number }
  /** Waits for what is on its way; afterwards nothing is written any more. The database stays open. */
  close(): Promise<void>
}

export interface StoreOptions {
  readonly protection: Protection
  readonly sequencer: Sequencer
  /** What a listener threw. It must not fail a commit that has happened. */
  readonly onListenerError?: (error: unknown) => void
}

/** The store over an open database: checked reads by noun, and one writer. */
export function createStore(database: Database, options: StoreOptions): Store {
  const { write, faultOf, place, reserve } = database
  const writer = createWriter({ connection: write, sequencer: options.sequencer, faultOf, place, reserve })
  const listeners = new Set<(notice: CommitNotice) => void>()
  const unaudited = writer.statement

  const noteUse = (token: string, time: number) => {
    const statement = `insert into "token_uses" ("token", "last_used_at") values`
    unaudited(
      ({ placeholder }) =>
        `${statement} (${placeholder(1)}, ${placeholder(2)}) on conflict ("token") do update set "last_used_at" = excluded."last_used_at"`,
      [token, time],
      // A last use that cannot be written is not worth failing a request for.
    ).catch(() => undefined)
  }

  const notify = (notice: CommitNotice) => {
    for (const listener of listeners) {
      try {
        listener(notice)
      } catch (error) {
        options.onListenerError?.(error)
      }
    }
  }

  const deafen = database.onForeignCommit(notify)

  return {
    ...queriesOf(readerOf(database, options.protection), unaudited, noteUse),
    async commit(seal, use) {
      const done = await writer.change(seal, use)
      if (!done.ok) return done
      if (done.value.writes.length > 0) notify(noticeOf(done.value))
      return ok({ change: done.value.number, time: done.value.audit.time })
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    compact: () => writer.between(() => database.compact()),
    statistics: () => writer.statistics(),
    async close() {
      deafen()
      await writer.close()
    },
  }
}
