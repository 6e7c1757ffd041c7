import { performance } from 'node:perf_hooks'
import { rowMacKeyId } from '@headgate/crypto'
import type { Database, Snapshot } from '@headgate/store'
import { readAnchor } from '../anchor.ts'
import { newestCheckpoint } from '../log-tree.ts'
import { readSnapshot } from '../read-snapshot.ts'
import type { Vault } from '../vault.ts'
import { type Finding, type Findings, collectFindings, createPacer } from './finding.ts'
import { type Claim, verifyLog } from './verify-log.ts'
import { verifyRevisions } from './verify-revisions.ts'
import { collectLastWriters, verifyRows } from './verify-rows.ts'

export interface VerifyReport {
  /** True when nothing was found. */
  readonly ok: boolean
  /** Records in the log. */
  readonly size: number
  /** The log's root as recomputed, in base64. */
  readonly root: string
  /** The newest signed checkpoint of the database; keep it to compare with later. */
  readonly checkpoint: string | undefined
  /** Whether there was a checkpoint from outside the data folder to compare with. Without one a rollback cannot be seen. */
  readonly anchored: boolean
  readonly checked: { readonly records: number; readonly rows: number; readonly revisions: number }
  /** At most 1,000; `found` counts all. */
  readonly findings: readonly Finding[]
  readonly found: number
  readonly seconds: number
}

export interface VerifyOptions {
  readonly database: Database
  readonly vault: Vault
  /** A signed checkpoint somebody kept: the log must contain what it says. */
  readonly checkpoint?: string
  /** Where the plane keeps its own newest checkpoint outside the data folder. Default: where the vault keeps it. */
  readonly anchorFile?: string
  readonly onProgress?: (rows: number) => void
}

/**
 * Checks everything Headgate has written: the Merkle log with its signed checkpoints, every protected row against its
 * MAC and against the log, and the chains of revisions. On one consistent state, beside a working plane or on a
 * stopped folder. Changes nothing.
 */
export async function verifyAudit(options: VerifyOptions): Promise<VerifyReport> {
  const { database, vault } = options
  const began = performance.now()
  const findings = collectFindings()
  const pause = createPacer(options.onProgress)
  // First the kept one, then the state to hold against it: a working plane must not seem to be behind itself.
  const claims = keptCheckpoints(options)
  const snapshot = await readSnapshot(database)
  try {
    await reportMacKey(snapshot, vault, findings)
    const writers = collectLastWriters()
    const log = await verifyLog(snapshot, vault, claims, findings, (change, rows) => writers.note(change, rows), pause)
    const rows = await verifyRows(snapshot, vault, writers, findings, pause)
    const revisions = await verifyRevisions(snapshot, vault, findings, pause)
    reportKeyring(vault, findings)
    return {
      ok: findings.count() === 0,
      size: log.size,
      root: Buffer.from(log.root).toString('base64'),
      checkpoint: await newestCheckpoint(snapshot),
      anchored: claims.length > 0,
      checked: { records: log.records, rows, revisions },
      findings: findings.list,
      found: findings.count(),
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await snapshot.close()
  }
}

/** Without the key of the MACs every row looks changed, and the log cannot say what it was: that it is gone says it all. */
async function reportMacKey(snapshot: Snapshot, vault: Vault, findings: Findings): Promise<void> {
  if ([...vault.keyring.all()].some(({ purpose }) => purpose === 'mac')) return
  const [newest] = await snapshot.all('select "mac" from "audit" order by "change" desc limit 1')
  const key = rowMacKeyId(newest?.['mac']) ?? ''
  findings.add({ code: 'KEY_MISSING', message: `the key ${key} that rows are checked with is gone`, table: 'key_records', key })
}

/** What already showed while the keyring was opened, unless its row was found to be changed, which says it all. */
function reportKeyring(vault: Vault, findings: Findings): void {
  if (findings.list.some((finding) => finding.table === 'key_records')) return
  for (const problem of vault.openingProblems) {
    const key = String(problem.problem.details['key'] ?? problem.problem.details['id'] ?? '')
    findings.add({ code: 'SEAL_UNREADABLE', message: problem.message, table: 'key_records', key })
  }
}

function keptCheckpoints(options: VerifyOptions): Claim[] {
  const anchorFile = options.anchorFile ?? options.vault.anchorFile
  const kept = anchorFile === undefined ? undefined : readAnchor(anchorFile)
  return [
    ...(kept === undefined ? [] : [{ note: kept, from: `kept in ${anchorFile}` }]),
    ...(options.checkpoint === undefined ? [] : [{ note: options.checkpoint, from: 'that was given' }]),
  ]
}
