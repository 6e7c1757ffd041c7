import {
  type ConsistencyProof,
  EXPORT_FORMAT,
  type ExportHead,
  type ExportTail,
  type InclusionProof,
  type WrittenRecord,
  consistencyProof,
  frontierAt,
  inclusionProof,
  openCheckpoint,
  verifierKey,
} from '@headgate/crypto'
import { type Result, ok, refuse } from '@headgate/model'
import type { AuditRow, Snapshot, Store } from '@headgate/store'
import { readSnapshot } from './read-snapshot.ts'
import { newestCheckpoint, withStoredSubtrees } from './log-tree.ts'
import type { Vault } from './vault.ts'

/** What it takes to check anything of this log elsewhere. */
export interface LogIdentity {
  /** `name+hash+key`; to be kept where nobody who can write to the database can change it. */
  readonly verifierKey: string
  /** The newest signed checkpoint; undefined before the first record. */
  readonly checkpoint: string | undefined
}

export function identifyLog(vault: Vault): LogIdentity {
  return { verifierKey: verifierKey(vault.log.name, vault.log.publicKey), checkpoint: vault.checkpoint() }
}

/** A record as it is handed out to whoever may read the log, with what its details can be checked by. */
export function writtenRecord(vault: Vault, row: AuditRow): WrittenRecord {
  const { change, time, organisation, actor, actor_name, action, resource, outcome } = row
  const { salt, content } = vault.openAuditProof(row)
  const digest = Buffer.from(row.digest).toString('base64')
  const record = { leaf: Number(row.leaf), change, time, organisation, actor, actor_name, action, resource, outcome, digest }
  return { ...record, salt: Buffer.from(salt).toString('base64'), content }
}

/** That the record of a Change is in the log. */
export async function proveRecord(vault: Vault, store: Store, change: number): Promise<Result<InclusionProof>> {
  const row = await store.audit.get(change)
  if (!row || row.leaf === null) return refuse('AUDIT_RECORD_NOT_FOUND', { record: change })
  return withCheckpoint(vault, async (snapshot, { size, note }) => {
    const leaf = Number(row.leaf)
    const hashes = await withStoredSubtrees(snapshot, size, (read) => inclusionProof(leaf, size, read))
    return ok({ kind: 'inclusion', record: writtenRecord(vault, row), hashes: encoded(hashes), checkpoint: note })
  })
}

/** That the log still begins with what a checkpoint says that somebody kept. */
export async function proveGrowth(vault: Vault, older: string): Promise<Result<ConsistencyProof>> {
  const known = openCheckpoint(older, vault.log.name, vault.log.publicKey)
  if (!known) return refuse('CHECKPOINT_FOREIGN', { log: vault.log.name })
  return withCheckpoint(vault, async (snapshot, { size, note }) => {
    if (known.size > size) return refuse('CHECKPOINT_NEWER', { size, claimed: known.size })
    const hashes = known.size === 0 ? [] : await withStoredSubtrees(snapshot, size, (read) => consistencyProof(known.size, size, read))
    return ok({ kind: 'consistency', older, hashes: encoded(hashes), checkpoint: note })
  })
}

/** A run of records, between lines that make it provable. `core/crypto` says how it is checked. */
export interface LogExport {
  readonly head: ExportHead
  readonly records: AsyncIterable<AuditRow>
  readonly tail: ExportTail
}

/** Rows read at a time, so that an export of any length is never held as a whole. */
const PAGE = 500

/**
 * The records of a time, in the order of the log: from the first that is not older to the last that is not younger, with
 * all between. Records that are let go of while it is read end it with an exception.
 */
export async function exportLog(
  vault: Vault,
  store: Store,
  { from, until }: { readonly from?: number | undefined; readonly until?: number | undefined },
): Promise<Result<LogExport>> {
  return withCheckpoint(vault, async (snapshot, { size, note }) => {
    const found = await store.audit.leavesBetween(from, until)
    const first = Math.min(found?.first ?? 0, size)
    const end = Math.max(Math.min(found?.end ?? 0, size), first)
    const { peaks } = await withStoredSubtrees(snapshot, size, (read) => frontierAt(first, read))
    const hashes = end === 0 ? [] : await withStoredSubtrees(snapshot, size, (read) => consistencyProof(end, size, read))
    return ok({
      head: { format: EXPORT_FORMAT, log: identifyLog(vault).verifierKey, first, peaks: encoded(peaks) },
      records: recordsBetween(store, first, end),
      tail: { end, hashes: encoded(hashes), checkpoint: note },
    })
  })
}

async function* recordsBetween(store: Store, first: number, end: number): AsyncGenerator<AuditRow> {
  for (let leaf = first; leaf < end;) {
    const rows = await store.audit.range(leaf, Math.min(leaf + PAGE, end))
    if (rows[0]?.leaf !== leaf) throw new Error(`record ${leaf} of the log was let go of meanwhile`)
    yield* rows
    leaf += rows.length
  }
}

async function withCheckpoint<T>(
  vault: Vault,
  work: (snapshot: Snapshot, newest: { readonly size: number; readonly note: string }) => Promise<Result<T>>,
): Promise<Result<T>> {
  const snapshot = await readSnapshot(vault.database)
  try {
    const note = await newestCheckpoint(snapshot)
    const checkpoint = note === undefined ? undefined : openCheckpoint(note, vault.log.name, vault.log.publicKey)
    if (note === undefined || !checkpoint) return refuse('CHECKPOINT_FOREIGN', { log: vault.log.name })
    return await work(snapshot, { size: checkpoint.size, note })
  } finally {
    await snapshot.close()
  }
}

function encoded(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString('base64'))
}
