import type { CommitNotice, EnvironmentId, Write } from '@headgate/model'
import type { SealedChange } from './sealed-change.ts'

/** What listeners are told of a Change: names and numbers. */
export function noticeOf({ number, writes, audit }: SealedChange): CommitNotice {
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
