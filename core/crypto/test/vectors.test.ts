import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type SealContext,
  SealGroup,
  type TokenKind,
  checkpointSigner,
  detailsDigest,
  equalBytes,
  leafData,
  leafHash,
  makeHandle,
  mintToken,
  open,
  openCheckpoint,
  parseHandle,
  parseToken,
  revisionHash,
  rowMac,
  rowMacFits,
  seal,
  secretKey,
  tokenDigest,
  verifyConsistency,
  verifyInclusion,
} from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import {
  leafFits,
  readGroupedSeal,
  readHandle,
  readNote,
  readSeal,
  readToken,
  revisionFits,
  rowFitsMac,
  tokenDigestOf,
} from './naive-reader.ts'
import { hex } from './vectors/known-bytes.ts'

interface Key {
  readonly id: string
  readonly bytes: string
}

/** The columns of each vector file; those of `refuse` lack what only an accepted one has. */
interface Columns {
  'seal-1': { key: Key; context: SealContext; plaintext: string; salt: string; sealed: string; code: string }
  'seal-4': { key: Key; context: SealContext; plaintext: string; salt: string; index: number; sealed: string; code: string }
  'handle-1': { key: string; record: string; handle: string }
  'token-1': { kind: TokenKind; random: string; token: string; key: string; digest: string }
  'row-mac-1': { key: Key; table: string; row: Record<string, string | number | null | { hex: string }>; mac: string }
  'checkpoint-1': { seed: string; key: string; signer: string; size: number; root: string; note: string }
  'merkle-proof': {
    kind: 'inclusion' | 'consistency'
    leaf: number
    leafHash: string
    before: number
    beforeRoot: string
    size: number
    root: string
    proof: string[]
  }
  'leaf-1': { columns: Record<string, string | number | null | { hex: string }>; salt: string; details: string; leaf: string }
  'revision-1': { environment: string; number: number; text: string; previous: string | null; hash: string }
}

type Vector<N extends keyof Columns> = Readonly<Columns[N]> & { readonly name: string }

function vectorsOf<N extends keyof Columns>(name: N): { accept: Vector<N>[]; refuse: Vector<N>[] } {
  const text = readFileSync(join(import.meta.dirname, `../testdata/vectors/${name}.json`), 'utf8')
  return JSON.parse(text) as { accept: Vector<N>[]; refuse: Vector<N>[] }
}

const bytes = (text: string) => Buffer.from(text, 'hex')
const keyOf = ({ id, bytes: material }: Key) => secretKey(id, bytes(material))
let refused = 0

const cellsOf = (columns: Record<string, string | number | null | { hex: string }>): Row =>
  Object.fromEntries(
    Object.entries(columns).map(([name, cell]) => [name, cell !== null && typeof cell === 'object' ? bytes(cell.hex) : cell]),
  )

test('leaves of the audit log, and the digests of details in them', () => {
  const { accept, refuse } = vectorsOf('leaf-1')
  const fits = (vector: Vector<'leaf-1'>) => {
    const columns = cellsOf(vector.columns)
    const digest = detailsDigest(bytes(vector.salt), Buffer.from(vector.details))
    return equalBytes(leafHash(leafData(columns)), bytes(vector.leaf)) && equalBytes(digest, columns['digest'] as Uint8Array)
  }
  for (const vector of accept) assert.ok(fits(vector), vector.name)
  for (const vector of refuse) {
    assert.ok(!fits(vector), vector.name)
    refused += 1
  }
})

const openVector = (vector: Vector<'seal-1' | 'seal-4'>) => {
  const key = keyOf(vector.key)
  return open((id) => (id === key.id ? key : undefined), vector.context, bytes(vector.sealed))
}

function assertRefused(vectors: readonly Vector<'seal-1' | 'seal-4'>[]): void {
  for (const vector of vectors) {
    assert.throws(
      () => openVector(vector),
      (error) => error instanceof HeadgateError && error.code === vector.code,
      vector.name,
    )
    refused += 1
  }
}

test('seals: what the vectors seal is sealed and opened so, and the rest is refused with its code', () => {
  const { accept, refuse } = vectorsOf('seal-1')
  for (const vector of accept) {
    assert.equal(hex(seal(keyOf(vector.key), vector.context, bytes(vector.plaintext), bytes(vector.salt))), vector.sealed, vector.name)
    assert.equal(hex(openVector(vector)), vector.plaintext, vector.name)
  }
  assertRefused(refuse)
})

test('seals of a group: each as the vectors seal it under its number, and the rest is refused with its code', () => {
  const { accept, refuse } = vectorsOf('seal-4')
  const groups = new Map<string, SealGroup>()
  for (const vector of accept) {
    const group = groups.get(vector.salt) ?? new SealGroup(keyOf(vector.key), bytes(vector.salt))
    groups.set(vector.salt, group)
    assert.equal(hex(group.seal(vector.context, bytes(vector.plaintext))), vector.sealed, vector.name)
    assert.equal(hex(openVector(vector)), vector.plaintext, vector.name)
  }
  assertRefused(refuse)
})

test('handles', () => {
  const { accept, refuse } = vectorsOf('handle-1')
  const key = (vector: Vector<'handle-1'>) => createSecretKey(bytes(vector.key))
  for (const vector of accept) {
    assert.equal(hex(makeHandle(key(vector), vector.record)), vector.handle)
    assert.equal(parseHandle(key(vector), bytes(vector.handle)), vector.record)
  }
  for (const vector of refuse) {
    assert.equal(parseHandle(key(vector), bytes(vector.handle)), undefined, vector.name)
    refused += 1
  }
})

test('tokens', () => {
  const { accept, refuse } = vectorsOf('token-1')
  for (const vector of accept) {
    assert.equal(mintToken(vector.kind, bytes(vector.random)).reveal(), vector.token)
    assert.equal(parseToken(vector.token), vector.kind)
    assert.equal(hex(tokenDigest(createSecretKey(bytes(vector.key)), vector.token)), vector.digest)
  }
  for (const vector of refuse) {
    assert.equal(parseToken(vector.token), undefined, vector.name)
    refused += 1
  }
})

test('row MACs', () => {
  const { accept, refuse } = vectorsOf('row-mac-1')
  const rowOf = (vector: Vector<'row-mac-1'>): Row => cellsOf(vector.row)
  for (const vector of accept) assert.equal(hex(rowMac(keyOf(vector.key), vector.table, rowOf(vector))), vector.mac, vector.name)
  for (const vector of refuse) {
    assert.ok(!rowMacFits(keyOf(vector.key), vector.table, { ...rowOf(vector), mac: bytes(vector.mac) }), vector.name)
    refused += 1
  }
})

test('checkpoints', () => {
  const { accept, refuse } = vectorsOf('checkpoint-1')
  for (const vector of accept) {
    const checkpoint = { origin: vector.signer, size: vector.size, root: bytes(vector.root) }
    assert.equal(checkpointSigner(vector.signer, bytes(vector.seed)).sign(checkpoint), vector.note)
    assert.deepEqual(openCheckpoint(vector.note, vector.signer, bytes(vector.key)), checkpoint)
  }
  for (const vector of refuse) {
    assert.equal(openCheckpoint(vector.note, vector.signer, bytes(vector.key)), undefined, vector.name)
    refused += 1
  }
})

test('Merkle proofs', () => {
  const { accept, refuse } = vectorsOf('merkle-proof')
  const holds = (vector: Vector<'merkle-proof'>) => {
    const proof = vector.proof.map(bytes)
    const newer = { size: vector.size, root: bytes(vector.root) }
    return vector.kind === 'inclusion'
      ? verifyInclusion(proof, { leaf: vector.leaf, leafHash: bytes(vector.leafHash), ...newer })
      : verifyConsistency(proof, { size: vector.before, root: bytes(vector.beforeRoot) }, newer)
  }
  for (const vector of accept) assert.ok(holds(vector), vector.name)
  for (const vector of refuse) {
    assert.ok(!holds(vector), vector.name)
    refused += 1
  }
})

test('revision hashes', () => {
  const { accept, refuse } = vectorsOf('revision-1')
  const fits = (vector: Vector<'revision-1'>) => {
    const { previous } = vector
    const content = {
      environment: vector.environment,
      number: vector.number,
      text: vector.text,
      previous: previous === null ? null : bytes(previous),
    }
    return equalBytes(revisionHash(content), bytes(vector.hash))
  }
  for (const vector of accept) assert.ok(fits(vector), vector.name)
  for (const vector of refuse) {
    assert.ok(!fits(vector), vector.name)
    refused += 1
  }
})

/** What each reader of the document answers to a vector, as a text to compare; `no` is a refusal. */
const readers: { readonly [N in keyof Columns]?: (vector: Vector<N>) => Promise<string> } = {
  'seal-1': async (vector) => (await readSeal(vector)) ?? 'no',
  'seal-4': async (vector) => (await readGroupedSeal(vector)) ?? 'no',
  'handle-1': async (vector) => (await readHandle(vector)) ?? 'no',
  'token-1': async ({ token }) => (await readToken(token)) ?? 'no',
  'row-mac-1': async (vector) => ((await rowFitsMac(vector)) ? 'yes' : 'no'),
  'revision-1': async (vector) => ((await revisionFits(vector)) ? 'yes' : 'no'),
  'leaf-1': async (vector) => ((await leafFits(vector)) ? 'yes' : 'no'),
  'checkpoint-1': async (vector) => {
    const read = await readNote(vector)
    return read ? `${read.size} ${read.root}` : 'no'
  },
}
const answers: { readonly [N in keyof Columns]?: (vector: Vector<N>) => string } = {
  'seal-1': ({ plaintext }) => plaintext,
  'seal-4': ({ plaintext }) => plaintext,
  'handle-1': ({ record }) => record,
  'token-1': ({ kind }) => kind,
  'checkpoint-1': ({ size, root }) => `${size} ${root}`,
}

for (const name of Object.keys(readers) as (keyof Columns)[])
  test(`${name}: a reader that was written from FORMAT.md alone agrees on every vector`, async () => {
    const { accept, refuse } = vectorsOf(name)
    const read = readers[name] as (vector: Vector<typeof name>) => Promise<string>
    const answer = (answers[name] ?? (() => 'yes')) as (vector: Vector<typeof name>) => string
    for (const vector of accept) assert.equal(await read(vector), answer(vector), vector.name)
    for (const vector of refuse) assert.equal(await read(vector), 'no', vector.name)
  })

test('token digests are those of the document', async () => {
  for (const { key, token, digest } of vectorsOf('token-1').accept) assert.equal(await tokenDigestOf(key, token), digest)
})

test('at least 150 vectors are refused', () => {
  assert.ok(refused >= 150, `${refused}`)
})
