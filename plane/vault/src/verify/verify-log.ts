import {
  type GrowingTree,
  HASH_LENGTH,
  TILE_WIDTH,
  auditLeafHash,
  emptyTree,
  equalBytes,
  grow,
  openCheckpoint,
  rootOf,
} from '@headgate/crypto'
import type { Row } from '@headgate/model'
import type { AuditRow, Snapshot } from '@headgate/store'
import { readCarried } from '../log-carried.ts'
import { auditRow, logSize } from '../log-tree.ts'
import { rowFits } from '../row-protection.ts'
import type { WrittenRows } from '../sealing.ts'
import type { Vault } from '../vault.ts'
import { type Findings, addUnopened } from './finding.ts'

/** A signed statement the log is held against, and what it is called in findings. */
export interface Claim {
  readonly note: string
  readonly from: string
}

export interface LogResult {
  readonly size: number
  readonly root: Uint8Array
  readonly records: number
}

/** Told of the rows each Change has written, in the order of the log; undefined where its record does not say. */
export type OnWritten = (change: number, rows: WrittenRows | undefined) => void

/**
 * Recomputes the whole log: each record's MAC, details and leaf, each stored tile, and the root at the size of every
 * signed checkpoint.
 *
 * Where a record is missing or changed, the hash stored for its place is used to go on, so that one edit is one
 * finding and everything after it is still checked.
 */
export async function verifyLog(
  snapshot: Snapshot,
  vault: Vault,
  claims: readonly Claim[],
  findings: Findings,
  onWritten: OnWritten,
  pause: () => Promise<void> | undefined,
): Promise<LogResult> {
  const checkpoints = await expectedRoots(snapshot, vault, claims, findings)
  const stored = storedLeaves(snapshot)
  const size = await logSize(snapshot)
  const base = await prunedUpTo(snapshot, vault, onWritten)
  let tree: GrowingTree = emptyTree
  let lastChange = 0
  let records = 0

  let waiting: Uint8Array[] = []
  const reached = () => tree.frontier.size + waiting.length
  const settle = async () => {
    const grown = grow(tree, waiting)
    waiting = []
    tree = grown.tree
    for (const tile of grown.tiles) await checkTile(snapshot, tile, findings)
    checkRoots(checkpoints, tree, findings)
  }
  const extend = async (leaf: Uint8Array) => {
    waiting.push(leaf)
    if (waiting.length >= TILE_WIDTH || checkpoints.has(reached())) await settle()
  }
  const fillUpTo = async (leaf: number) => {
    while (reached() < leaf) {
      const missing = reached()
      findings.add({ code: 'RECORD_MISSING', message: `record ${missing} of the log is gone`, table: 'audit', leaf: missing })
      await extend((await stored(missing)) ?? new Uint8Array(HASH_LENGTH))
    }
  }

  // Of what was let go of the hashes are still there, and the signed checkpoints behind them must fit.
  for await (const leaf of storedHashes(snapshot, base, findings)) {
    await pause()
    await extend(leaf)
  }
  for await (const row of snapshot.each('select * from "audit" where "leaf" >= ? order by "leaf"', [base])) {
    await pause()
    records += 1
    const record = auditRow(row)
    const leaf = record.leaf as number
    await fillUpTo(leaf)
    if (record.change <= lastChange) reportMoved(leaf, record.change, findings)
    lastChange = record.change
    const intact = checkRecord(vault, row, record, findings, onWritten)
    const hash = auditLeafHash(record)
    await extend(intact ? hash : ((await stored(leaf)) ?? hash))
  }
  if (waiting.length > 0) await settle()
  await reportUnsequenced(snapshot, findings)
  reportLonger(checkpoints, size, findings)
  return { size, root: rootOf(tree.frontier), records }
}

function reportMoved(leaf: number, change: number, findings: Findings): void {
  const message = `record ${leaf} was written before the one in front of it`
  findings.add({ code: 'RECORD_MOVED', message, table: 'audit', leaf, change })
}

/** The first leaf that was not let go of, where a genuine segment says so; tells who wrote what in front of it. */
async function prunedUpTo(snapshot: Snapshot, vault: Vault, onWritten: OnWritten): Promise<number> {
  const [row] = await snapshot.all('select * from "audit_segments" order by "end" desc limit 1')
  // One that was changed is named where all protected rows are looked at; here it counts for nothing.
  if (!row || !rowFits(vault.keyring, 'audit_segments', row)) return 0
  for (const [change, rows] of readCarried(String(row['carried']))) onWritten(change, rows)
  return Number(row['end'])
}

/** The leaves of the tiles whose records are gone. */
async function* storedHashes(snapshot: Snapshot, end: number, findings: Findings): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < end / TILE_WIDTH; position += 1) {
    const rows = await snapshot.all('select "hashes" from "audit_tiles" where "level" = 0 and "position" = ?', [position])
    const hashes = rows[0]?.['hashes'] as Uint8Array | undefined
    if (hashes?.length !== TILE_WIDTH * HASH_LENGTH) {
      const message = `the hashes of the records from ${position * TILE_WIDTH} on, which were let go of, are gone`
      findings.add({ code: 'TILE_DIFFERS', message, table: 'audit_tiles', key: `0/${position}` })
    }
    for (let n = 0; n < TILE_WIDTH; n += 1) yield hashes?.subarray(n * HASH_LENGTH, (n + 1) * HASH_LENGTH) ?? new Uint8Array(HASH_LENGTH)
  }
}

/** A record's own checks. False where it is not as it was written. */
function checkRecord(vault: Vault, row: Row, record: AuditRow, findings: Findings, onWritten: OnWritten): boolean {
  const place = {
    table: 'audit',
    key: String(record.change),
    change: record.change,
    ...(record.leaf === null ? {} : { leaf: record.leaf }),
  }
  if (!rowFits(vault.keyring, 'audit', row)) {
    findings.add({ code: 'RECORD_TAMPERED', message: `audit record ${record.change} was changed`, ...place })
    onWritten(record.change, undefined)
    return false
  }
  try {
    const { rows } = vault.openAuditContent(record)
    if (rows) onWritten(record.change, rows)
    return true
  } catch (error) {
    onWritten(record.change, undefined)
    addUnopened(findings, error, { what: `audit record ${record.change}`, ...place })
    return true
  }
}

/** Roots by size, from the checkpoints in the database and those that were kept elsewhere. */
async function expectedRoots(
  snapshot: Snapshot,
  vault: Vault,
  claims: readonly Claim[],
  findings: Findings,
): Promise<Map<number, { readonly root: Uint8Array; readonly from: string }[]>> {
  const expected = new Map<number, { root: Uint8Array; from: string }[]>()
  const take = (note: string, from: string, size?: number) => {
    const checkpoint = openCheckpoint(note, vault.log.name, vault.log.publicKey)
    if (!checkpoint || (size !== undefined && checkpoint.size !== size)) {
      findings.add({ code: 'CHECKPOINT_DIFFERS', message: `the checkpoint ${from} is not signed by this log` })
      return
    }
    expected.set(checkpoint.size, [...(expected.get(checkpoint.size) ?? []), { root: checkpoint.root, from }])
  }
  let newest = 0
  for await (const row of snapshot.each('select * from "checkpoints" order by "size"')) {
    newest = Number(row['size'])
    take(String(row['note']), `for ${newest} records in the database`, newest)
  }
  for (const claim of claims) take(claim.note, claim.from)
  const size = await logSize(snapshot)
  if (newest !== size)
    findings.add({
      code: newest > size ? 'LOG_CUT' : 'CHECKPOINT_DIFFERS',
      message: `the log has ${size} records, and the newest checkpoint in the database is for ${newest}`,
    })
  return expected
}

function checkRoots(
  expected: ReadonlyMap<number, readonly { readonly root: Uint8Array; readonly from: string }[]>,
  tree: GrowingTree,
  findings: Findings,
): void {
  const { size } = tree.frontier
  for (const { root, from } of expected.get(size) ?? []) {
    if (equalBytes(root, rootOf(tree.frontier))) continue
    findings.add({
      code: 'CHECKPOINT_DIFFERS',
      message: `the first ${size} records are not those of the checkpoint ${from}`,
      leaf: size - 1,
    })
  }
}

function reportLonger(expected: ReadonlyMap<number, readonly { readonly from: string }[]>, size: number, findings: Findings): void {
  for (const [claimed, sources] of expected) {
    if (claimed <= size) continue
    for (const { from } of sources)
      findings.add({ code: 'LOG_CUT', message: `the log has ${size} records, and the checkpoint ${from} says ${claimed}`, leaf: size })
  }
}

async function reportUnsequenced(snapshot: Snapshot, findings: Findings): Promise<void> {
  for await (const row of snapshot.each('select "change" from "audit" where "leaf" is null order by "change"')) {
    const change = Number(row['change'])
    findings.add({
      code: 'RECORD_UNSEQUENCED',
      message: `audit record ${change} has no place in the log`,
      table: 'audit',
      key: String(change),
      change,
    })
  }
}

/** The stored hash of a leaf, where its tile is full. */
function storedLeaves(snapshot: Snapshot): (leaf: number) => Promise<Uint8Array | undefined> {
  return async (leaf) => {
    const rows = await snapshot.all('select "hashes" from "audit_tiles" where "level" = 0 and "position" = ?', [
      Math.floor(leaf / TILE_WIDTH),
    ])
    const start = (leaf % TILE_WIDTH) * HASH_LENGTH
    const hash = (rows[0]?.['hashes'] as Uint8Array | undefined)?.subarray(start, start + HASH_LENGTH)
    return hash?.length === HASH_LENGTH ? hash : undefined
  }
}

async function checkTile(
  snapshot: Snapshot,
  tile: { readonly level: number; readonly position: number; readonly hashes: Uint8Array },
  findings: Findings,
): Promise<void> {
  const rows = await snapshot.all('select "hashes" from "audit_tiles" where "level" = ? and "position" = ?', [tile.level, tile.position])
  const hashes = rows[0]?.['hashes'] as Uint8Array | undefined
  if (hashes && equalBytes(hashes, tile.hashes)) return
  findings.add({
    code: 'TILE_DIFFERS',
    message: `the stored hashes ${tile.level}/${tile.position} are ${hashes ? 'not those of their records' : 'gone'}`,
    table: 'audit_tiles',
    key: `${tile.level}/${tile.position}`,
  })
}
