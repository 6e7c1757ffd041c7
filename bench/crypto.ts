/**
 * What sealing, row MACs and the Merkle log cost, beside the bare primitives they are made of.
 *
 *   node --conditions=source bench/crypto.ts [--full]
 */
import { createCipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import {
  type GrowingTree,
  SealGroup,
  append,
  checkpointSigner,
  emptyFrontier,
  emptyTree,
  grow,
  inclusionProof,
  leafData,
  leafHash,
  mintToken,
  open,
  openCheckpoint,
  rootOf,
  rowMac,
  seal,
  secretKey,
  subtreesFromTiles,
  tokenDigest,
  verifyInclusion,
} from '@headgate/crypto'
import { type Contestant, comparePaired, cpuOf } from './measure.ts'
import type { BenchOptions, BenchRow, BenchTable } from './table.ts'

const VALUE = randomBytes(256)
const context = { organisation: 'organisation-0001', environment: 'environment-0001', type: 'secret', id: randomBytes(16).toString('hex') }
const key = secretKey('00112233aabbccdd', randomBytes(32))
const bareKey = createSecretKey(randomBytes(32))
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

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  return [await sealing(full), await hashing(full), await proofs(full)]
}

async function sealing(full: boolean): Promise<BenchTable> {
  const sealed = seal(key, context, VALUE)
  const row = { id: context.id, environment: context.environment, sealed, created_at: 1, change: 7 }
  const token = mintToken('user').reveal()
  let group = new SealGroup(key)
  const rows = await paired('bare AES-256-GCM, one key', full ? 50_000 : 5_000, {
    'bare AES-256-GCM, one key': repeat(() => {
      const cipher = createCipheriv('aes-256-gcm', bareKey, VALUE.subarray(0, 12))
      cipher.setAAD(VALUE)
      cipher.update(VALUE)
      cipher.final()
      cipher.getAuthTag()
    }),
    'seal, a key for each value': repeat(() => seal(key, context, VALUE)),
    'seal, in a group': repeat(() => {
      if (group.full) group = new SealGroup(key)
      group.seal(context, VALUE)
    }),
    open: repeat(() => open(() => key, context, sealed)),
    'MAC of a stored row': repeat(() => rowMac(key, 'records', row)),
    'digest of a token': repeat(() => tokenDigest(key.secret, token)),
  })
  return {
    title: 'Sealing: 256 bytes',
    rows,
    notes: ['A seal derives its own key (HKDF, SHA-512), or one for its group, and commits to it; the bare cipher does neither.'],
  }
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

function repeat(work: () => unknown): Contestant {
  return (operations) => {
    for (let n = 0; n < operations; n += 1) work()
  }
}

async function paired(base: string, operations: number, contestants: Record<string, Contestant>): Promise<BenchRow[]> {
  const measured = await comparePaired(contestants, { operations, rounds: 5 })
  return measured.map(({ name, cpuMicroseconds, ratio }) => ({
    name,
    value: cpuMicroseconds,
    unit: 'CPU µs each',
    ...(name === base ? {} : { comparedTo: base, ratio }),
  }))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { terminalTable } = await import('../tools/benching/print.ts')
  for (const table of await bench({ full: process.argv.includes('--full') })) console.log(terminalTable(table))
}
