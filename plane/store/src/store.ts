import { type CommitNotice, type Committed, type EnvironmentId, type Result, type Write, ok } from '@headgate/model'
import { applyChange } from './apply-change.ts'
import type { Database } from './database.ts'
import type { Protection, Sequencer } from './protection.ts'
import { type Queries, queriesOf } from './queries/index.ts'
import { readerOf } from './queries/reader.ts'
import type { SealedChange } from './sealed-change.ts'
import { unauditedWrites } from './unaudited.ts'
import { createWriter } from './writer.ts'

export interface Store extends Queries {
  /**
   * Commits a sealed Change; only the vault's change writer makes one. Resolves when it is durable, or with the
   * conflict that kept it from being written.
   *
   * @throws STORE_UNAVAILABLE when the disk fails: nothing was written, and the next attempt may succeed
   */
  commit(change: SealedChange): Promise<Result<Committed>>
  /** Tells of every commit after it is durable, in commit order. Returns what ends it. */
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
  const writer = createWriter(database.write, options.sequencer, database.faultOf)
  const listeners = new Set<(notice: CommitNotice) => void>()
  const unaudited = unauditedWrites(writer)

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

  return {
    ...queriesOf(readerOf(database.read, options.protection), unaudited, noteUse),
    async commit(change) {
      const problem = await writer.submit({
        writes: change.writes.length > 0,
        audit: change.audit,
        apply: (connection) => applyChange(connection, change, change.audit.time, database.faultOf),
      })
      if (problem) return { ok: false, problem }
      notify(noticeOf(change))
      return ok({ change: change.number, time: change.audit.time })
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    statistics: () => writer.statistics(),
    close: () => writer.close(),
  }
}

function noticeOf(change: SealedChange): CommitNotice {
  const { writes, number, audit } = change
  const revisions = writes.filter((write) => write.table === 'revisions' && write.op === 'insert')
  return {
    change: number,
    time: audit.time,
    environments: revisions.map(({ row }) => ({ id: row['environment'] as EnvironmentId, revision: Number(row['number']) })),
    tags: writes.filter((write) => write.table === 'tags').map(tagNotice),
    tables: [...new Set(writes.map((write) => write.table))],
  }
}

function tagNotice({ op, row }: Write): CommitNotice['tags'][number] {
  return {
    environment: row['environment'] as EnvironmentId,
    tag: String(row['name']),
    revision: op === 'delete' ? null : Number(row['revision']),
  }
}
