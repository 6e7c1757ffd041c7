import { TILE_WIDTH, frontierAt, rootOf } from '@headgate/crypto'
import { type AuditRecord, HeadgateError } from '@headgate/model'
import { type AuditRow, type AuditSegmentRow, type Snapshot, type Store, insert, update } from '@headgate/store'
import { readSnapshot } from './read-snapshot.ts'
import type { ChangeWriter } from './change-writer.ts'
import { carriedWriters } from './log-carried.ts'
import { auditRow, logSize, withStoredSubtrees } from './log-tree.ts'
import { rowFits } from './row-protection.ts'
import type { Vault } from './vault.ts'

/** Records removed in one commit: so many fit many times into the space kept for a full disk. */
const DROP_BATCH = 1_024

export interface RetentionOptions {
  readonly vault: Vault
  readonly store: Store
  readonly changes: Pick<ChangeWriter, 'commit'>
  /** Milliseconds since 1970: no record of this time or later is let go of. */
  readonly before: number
  readonly now: number
  /** The record of the pruning itself; what was pruned is added to its details. */
  readonly audit: Omit<AuditRecord, 'time' | 'outcome'>
}

/** What was let go of. */
export interface Pruned {
  readonly records: number
  /** The first leaf that is still there. */
  readonly end: number
}

/**
 * Lets go of the oldest records, in whole tiles of 256 and never the newest. Before a record goes, a protected row stands
 * for the segment, written by a Change that is in the log itself; then the records are removed step by step, and a
 * removal that was cut off goes on at the next call. What remains still verifies, from the stored hashes of what is gone.
 *
 * @throws LOG_DIVERGED when a record that is to go is not as it was written: that must be looked at first
 */
export async function pruneLog(options: RetentionOptions): Promise<Pruned> {
  const { store } = options
  const segments = await store.audit.segments()
  const newest = segments.at(-1)
  const segment = await nextSegment(options, newest)
  if (segment) await commitSegment(options, segment, newest)
  const end = segment?.end ?? newest?.end ?? 0
  let records = 0
  for (let dropped = 1; dropped > 0; records += dropped) dropped = await store.audit.drop(end, DROP_BATCH)
  if (records > 0) {
    await store.audit.dropCheckpoints(end)
    await store.compact()
  }
  return { records, end }
}

type NewSegment = Pick<AuditSegmentRow, 'first' | 'end' | 'since' | 'until' | 'last_change' | 'root' | 'carried'>

/** The longest run of whole tiles that is old enough, with what it carries on; undefined where there is none. */
async function nextSegment({ vault, before }: RetentionOptions, newest: AuditSegmentRow | undefined): Promise<NewSegment | undefined> {
  const first = newest?.end ?? 0
  const snapshot = await readSnapshot(vault.database)
  try {
    const size = await logSize(snapshot)
    const young = await snapshot.all('select min("leaf") as "leaf" from "audit" where "time" >= ? and "leaf" >= ?', [before, first])
    const limit = Math.min(Number(young[0]?.['leaf'] ?? size), size - 1)
    const end = Math.floor(limit / TILE_WIDTH) * TILE_WIDTH
    if (end <= first) return undefined
    const { peaks } = await withStoredSubtrees(snapshot, size, (read) => frontierAt(end, read))
    return { first, end, root: rootOf({ size: end, peaks }), ...(await gather(snapshot, vault, first, end, newest?.carried ?? '')) }
  } finally {
    await snapshot.close()
  }
}

async function gather(snapshot: Snapshot, vault: Vault, first: number, end: number, before: string) {
  const carried = carriedWriters(before)
  let oldest: AuditRow | undefined
  let latest: AuditRow | undefined
  let next = first
  const query = 'select * from "audit" where "leaf" >= ? and "leaf" < ? order by "leaf"'
  for await (const row of snapshot.each(query, [first, end])) {
    const record = auditRow(row)
    if (record.leaf !== next || !rowFits(vault.keyring, 'audit', row)) throw damaged(vault, next)
    const { rows } = vault.openAuditContent(record)
    if (rows) carried.note(record.change, rows)
    oldest ??= record
    latest = record
    next += 1
  }
  if (!oldest || !latest || next !== end) throw damaged(vault, next)
  return { since: oldest.time, until: latest.time, last_change: latest.change, carried: carried.render() }
}

function damaged(vault: Vault, leaf: number): HeadgateError {
  return new HeadgateError('LOG_DIVERGED', { folder: vault.database.place, place: `record ${leaf} of the log` })
}

async function commitSegment(options: RetentionOptions, segment: NewSegment, newest: AuditSegmentRow | undefined): Promise<void> {
  const { changes, audit, now } = options
  const { first, end, since, until, root } = segment
  const details = { ...audit.details, first, end, since, until, root: Buffer.from(root).toString('base64') }
  const committed = await changes.commit({
    expect: [],
    writes: [
      ...(newest ? [update('audit_segments', newest, { carried: '' })] : []),
      insert('audit_segments', { ...segment, pruned_at: now }),
    ],
    audit: { ...audit, time: now, outcome: 'ok', details },
    whenFull: 'all',
  })
  if (!committed.ok) throw new HeadgateError(committed.problem.code, committed.problem.details)
}
