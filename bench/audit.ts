/**
 * What the audit log costs: its leaves and its tree beside bare hashing, proofs, and the verification of a whole log with
 * reading, on each database.
 *
 *   node --conditions=source bench/audit.ts [--full]
 */
import { hash, randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import {
  type GrowingTree,
  append,
  checkpointSigner,
  emptyFrontier,
  emptyTree,
  grow,
  inclusionProof,
  leafData,
  leafHash,
  openCheckpoint,
  rootOf,
  subtreesFromTiles,
  verifyInclusion,
} from '@headgate/crypto'
import { insert } from '@headgate/store'
import { type SealedStore, verifyAudit } from '@headgate/vault'
import { cpuOf, paired, repeat } from './measure.ts'
import { type BenchDialect, benchDialects } from './store/databases.ts'
import { commit, found, newSecret } from './store/ground.ts'
import type { BenchOptions, BenchTable } from './table.ts'

const auditColumns = {
  change: 123_456,
  time: 1_700_000_000_000,
  organisation: 'organisation-0001',
  actor: 'principal-0001',
  actor_name: 'someone',
  action: 'environment.open',
  resource: 'environment:main/shop/production#database.password',
  outcome: 'ok',
  digest: randomBytes(32),
}
/** Events whose leaf, place in the tree and root are recomputed; the blueprint wants this many each second of one core. */
const EVENTS_PER_SECOND = 200_000
const BATCH = 250

/** Changes begun at the same time while a log is made. */
const TOGETHER = 100

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const { dialects, missing } = benchDialects()
  const log = await hashing(full)
  const left = missing === undefined ? [] : [`PostgreSQL was left out: ${missing}.`]
  const verified: BenchTable[] = []
  for (const dialect of dialects) verified.push(await verification(dialect, full))
  return [{ ...log, notes: left }, await proofs(full), ...verified]
}

async function hashing(full: boolean): Promise<BenchTable> {
  const data = leafData(auditColumns)
  const count = full ? 2_000_000 : 200_000
  const rows = await paired('bare SHA-256 of a record', full ? 200_000 : 40_000, {
    'bare SHA-256 of a record': repeat(() => hash('sha256', data, 'binary')),
    'leaf from its encoded record': repeat(() => leafHash(data)),
    'encode a record and hash its leaf': repeat(() => leafHash(leafData(auditColumns))),
  })
  let frontier = emptyFrontier
  const microseconds = await cpuOf(() => {
    for (let n = 0; n < count; n += BATCH)
      frontier = append(
        frontier,
        Array.from({ length: BATCH }, () => leafHash(data)),
      )
    rootOf(frontier)
  })
  const rate = (count / microseconds) * 1e6
  rows.push({
    name: 'the whole log, hashing only',
    value: rate,
    unit: 'events per CPU second',
    target: `at least ${EVENTS_PER_SECOND.toLocaleString('en-GB')}`,
    met: rate >= EVENTS_PER_SECOND,
  })
  return { title: 'The log: leaves and tree', rows }
}

async function proofs(full: boolean): Promise<BenchTable> {
  const size = full ? 1_000_000 : 100_000
  const leaves = Array.from({ length: size }, (_, n) => leafHash(Buffer.from(`record ${n}`)))
  const tiles = new Map<string, Uint8Array>()
  let tree: GrowingTree = emptyTree
  for (let start = 0; start < size; start += 10_000) {
    const grown = grow(tree, leaves.slice(start, start + 10_000))
    for (const tile of grown.tiles) tiles.set(`${tile.level}/${tile.position}`, tile.hashes)
    tree = grown.tree
  }
  const read = subtreesFromTiles((level, position) => tiles.get(`${level}/${position}`) ?? Buffer.concat(tree.open[level] ?? []))
  const root = rootOf(tree.frontier)
  const signer = checkpointSigner('headgate/bench', randomBytes(32))
  const note = signer.sign({ origin: signer.name, size, root })
  const leaf = Math.floor(size / 3)
  const proof = inclusionProof(leaf, size, read)
  const rows = await paired('check an inclusion proof', full ? 2_000 : 200, {
    'check an inclusion proof': repeat(() => verifyInclusion(proof, { leaf, leafHash: leaves[leaf] as Uint8Array, size, root })),
    'make an inclusion proof': repeat(() => inclusionProof(leaf, size, read)),
    'sign a checkpoint': repeat(() => signer.sign({ origin: signer.name, size, root })),
    'check a checkpoint': repeat(() => openCheckpoint(note, signer.name, signer.publicKey)),
  })
  const bytes = Buffer.concat(proof).length
  rows.push({ name: 'size of an inclusion proof', value: bytes, unit: 'bytes', target: 'at most 1,500', met: bytes <= 1_500 })
  return { title: `Proofs in a log of ${size.toLocaleString('en-GB')} records`, rows }
}

/** A log of as many changes, each of which wrote a secret, and everything that stands in the database verified. */
async function verification(dialect: BenchDialect, full: boolean): Promise<BenchTable> {
  const { sealed, close } = await dialect.open()
  try {
    await found(sealed)
    for (let made = 0; made < (full ? 20_000 : 2_000); made += TOGETHER) {
      const secrets = Array.from({ length: TOGETHER }, () => newSecret(sealed))
      await Promise.all(secrets.map(({ record }) => commit(sealed, [insert('records', record)], 'secret.write')))
    }
    return await verifying(sealed, dialect)
  } finally {
    await close()
  }
}

async function verifying(sealed: SealedStore, { name: dialect }: BenchDialect): Promise<BenchTable> {
  let records = 0
  const readRate = await readingRate(sealed)
  const microseconds = await cpuOf(async () => {
    const report = await verifyAudit(sealed)
    if (!report.ok) throw new Error(report.findings[0]?.message ?? '')
    records = report.checked.records + report.checked.rows
  })
  return {
    title: `Verification on ${dialect}, with reading`,
    rows: [
      { name: 'records and rows checked', value: records, unit: 'in this run' },
      { name: 'the same only read', value: readRate, unit: 'per CPU second' },
      {
        name: 'records and rows checked',
        value: (records / microseconds) * 1e6,
        unit: 'per CPU second',
        comparedTo: 'the same only read',
        ratio: ((records / microseconds) * 1e6) / readRate,
      },
    ],
    notes: ['MACs, opened details, leaves, tree, checkpoints, last writers, and every revision opened and chained.'],
  }
}

/** How many of the rows that are verified can be read at all, in a second of one core. */
async function readingRate(sealed: SealedStore): Promise<number> {
  let rows = 0
  const microseconds = await cpuOf(async () => {
    const snapshot = await sealed.database.snapshot()
    for (const table of ['audit', 'records', 'revisions', 'environments'])
      for await (const row of snapshot.each(`select * from "${table}"`)) rows += row['change'] === undefined ? 0 : 1
    await snapshot.close()
  })
  return (rows / microseconds) * 1e6
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { terminalTable } = await import('../tools/benching/print.ts')
  for (const table of await bench({ full: process.argv.includes('--full') })) console.log(terminalTable(table))
}
