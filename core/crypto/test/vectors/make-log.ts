import {
  type Checkpoint,
  type CheckpointSigner,
  checkpointSigner,
  consistencyProof,
  detailsDigest,
  inclusionProof,
  leafData,
  leafHash,
  revisionHash,
} from '@headgate/crypto'
import type { Row } from '@headgate/model'
import { naiveRoot } from '../naive-merkle.ts'
import { type VectorFile, flipped, hex, knownBytes } from './known-bytes.ts'

export function checkpointVectors(): VectorFile {
  const seed = knownBytes('log key', 32)
  const signer = checkpointSigner('headgate/0011aabb', seed)
  const root = knownBytes('root', 32)
  const checkpoint = { origin: signer.name, size: 70_004, root }
  const note = signer.sign(checkpoint)
  return {
    format: 'checkpoint 1',
    accept: [
      { name: 'a log', size: 70_004, root: hex(root), note },
      {
        name: 'an empty log',
        size: 0,
        root: hex(knownBytes('empty', 32)),
        note: signer.sign({ origin: signer.name, size: 0, root: knownBytes('empty', 32) }),
      },
    ].map((each) => ({ ...each, seed: hex(seed), key: hex(signer.publicKey), signer: signer.name })),
    refuse: wrongCheckpoints(signer, note, checkpoint),
  }
}

function wrongCheckpoints(signer: CheckpointSigner, note: string, checkpoint: Checkpoint): VectorFile['refuse'] {
  const root = Buffer.from(checkpoint.root)
  const [origin = '', size = '', encoded = '', , signature = ''] = note.split('\n')
  const noteOf = (...lines: string[]) => `${lines.join('\n')}\n`
  const wrong = (name: string, text: string) => ({ name, key: hex(signer.publicKey), signer: signer.name, note: text })
  const other = checkpointSigner(signer.name, knownBytes('another log key', 32)).sign(checkpoint)
  const elsewhere = checkpointSigner('headgate/other', knownBytes('log key', 32)).sign(checkpoint)
  const withSize = (text: string) => noteOf(origin, text, encoded, '', signature)
  return [
    wrong('nothing', ''),
    wrong('another size', withSize('70005')),
    wrong('a size with a zero in front', withSize('070004')),
    wrong('a size with a sign', withSize('+70004')),
    wrong('a negative size', withSize('-1')),
    wrong('a size in another notation', withSize('7.0004e4')),
    wrong('no size', withSize('')),
    wrong('a size past 2^53', withSize('9007199254740993')),
    wrong('another root', noteOf(origin, size, flipped(root, 0).toString('base64'), '', signature)),
    wrong('a root of 31 bytes', noteOf(origin, size, root.subarray(1).toString('base64'), '', signature)),
    wrong('a root in the URL alphabet', noteOf(origin, size, root.toString('base64url'), '', signature)),
    wrong('a root without its padding', noteOf(origin, size, encoded.replace('=', ''), '', signature)),
    wrong('another origin', noteOf(`${origin}x`, size, encoded, '', signature)),
    wrong('no origin', noteOf('', size, encoded, '', signature)),
    wrong('a line more', noteOf(origin, size, encoded, 'more', '', signature)),
    wrong('a line less', noteOf(origin, size, '', signature)),
    wrong('no blank line', noteOf(origin, size, encoded, signature)),
    wrong('no signature', noteOf(origin, size, encoded, '')),
    wrong('the signature twice', noteOf(origin, size, encoded, '', signature, signature)),
    wrong('no line end', note.slice(0, -1)),
    wrong('a line end more', `${note}\n`),
    wrong('carriage returns', note.replaceAll('\n', '\r\n')),
    wrong('a hyphen instead of the dash', note.replace('\u2014', '-')),
    wrong('a space more in front of the signature', note.replace(`${signer.name} `, `${signer.name}  `)),
    wrong('the signature of another key', other),
    wrong('the signature under another name', elsewhere),
    wrong('a signature cut short', noteOf(origin, size, encoded, '', signature.slice(0, -4))),
    wrong(
      'one character of the signature',
      note.replace(
        signature,
        signature.replace(/.(?=.{20}$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
      ),
    ),
    wrong('a signature without its padding', note.replace(/=+\n$/, '\n')),
  ]
}

export function proofVectors(): VectorFile {
  const size = 11
  const leaves = Array.from({ length: size }, (_, n) => Buffer.from(`record ${n}`))
  const read = (level: number, position: number) => naiveRoot(leaves.slice(position * 2 ** level, (position + 1) * 2 ** level))
  const rootAt = (count: number) => hex(naiveRoot(leaves.slice(0, count)))
  const inclusion = (leaf: number, of = size) => ({
    kind: 'inclusion',
    leaf,
    leafHash: hex(leafHash(leaves[leaf] as Buffer)),
    size: of,
    root: rootAt(of),
    proof: inclusionProof(leaf, of, read).map(hex),
  })
  const consistency = (before: number) => ({
    kind: 'consistency',
    before,
    beforeRoot: rootAt(before),
    size,
    root: rootAt(size),
    proof: consistencyProof(before, size, read).map(hex),
  })
  return {
    format: 'Merkle proofs (RFC 6962)',
    accept: [
      ...[0, 1, 6, 7, 8, 10].map((leaf) => ({ name: `record ${leaf} of ${size}`, ...inclusion(leaf) })),
      { name: 'record 0 of 1', ...inclusion(0, 1) },
      ...[1, 2, 7, 8, 10, 11].map((before) => ({ name: `${size} after ${before}`, ...consistency(before) })),
    ],
    refuse: wrongProofs(inclusion(6), consistency(7), rootAt),
  }
}

function wrongProofs(
  sixth: { readonly proof: readonly string[] },
  seventh: { readonly proof: readonly string[] },
  rootAt: (count: number) => string,
): VectorFile['refuse'] {
  const size = 11
  const zeros = '00'.repeat(32)
  const wrongInclusion = (name: string, change: object) => ({ name, ...sixth, ...change })
  const wrongConsistency = (name: string, change: object) => ({ name, ...seventh, ...change })
  return [
    wrongInclusion('another leaf', { leafHash: hex(leafHash(Buffer.from('forged'))) }),
    wrongInclusion('another place', { leaf: 5 }),
    wrongInclusion('a place past the end', { leaf: 11 }),
    wrongInclusion('a negative place', { leaf: -1 }),
    wrongInclusion('a place between', { leaf: 6.5 }),
    wrongInclusion('a root of another size', { root: rootAt(10) }),
    wrongInclusion('a smaller size', { size: 7 }),
    wrongInclusion('a larger size', { size: 21 }),
    wrongInclusion('the first hash gone', { proof: sixth.proof.slice(1) }),
    wrongInclusion('the last hash gone', { proof: sixth.proof.slice(0, -1) }),
    wrongInclusion('no hashes', { proof: [] }),
    wrongInclusion('a hash more', { proof: [...sixth.proof, zeros] }),
    wrongInclusion('hashes in another order', { proof: sixth.proof.toReversed() }),
    wrongInclusion('a hash of 31 bytes', { proof: sixth.proof.map((hash, n) => (n === 0 ? hash.slice(2) : hash)) }),
    wrongInclusion('an inner node as leaf', { leafHash: sixth.proof[0] }),
    wrongConsistency('another older root', { beforeRoot: zeros }),
    wrongConsistency('another newer root', { root: zeros }),
    wrongConsistency('the roots exchanged', { beforeRoot: rootAt(size), root: rootAt(7) }),
    wrongConsistency('the newer one smaller', { before: 11, size: 7 }),
    wrongConsistency('the older root of another size', { before: 6 }),
    wrongConsistency('the first hash gone', { proof: seventh.proof.slice(1) }),
    wrongConsistency('the last hash gone', { proof: seventh.proof.slice(0, -1) }),
    wrongConsistency('no hashes', { proof: [] }),
    wrongConsistency('a hash more', { proof: [...seventh.proof, zeros] }),
    wrongConsistency('hashes in another order', { proof: seventh.proof.toReversed() }),
    wrongConsistency('an empty older log with hashes', { before: 0, beforeRoot: rootAt(0) }),
    wrongConsistency('equal sizes with hashes', { before: 11, beforeRoot: rootAt(11) }),
    wrongConsistency('equal sizes with other roots', { before: 11, beforeRoot: rootAt(7), proof: [] }),
  ]
}

export function revisionVectors(): VectorFile {
  const previous = knownBytes('previous', 32)
  const of = (name: string, content: { environment: string; number: number; text: string; previous: Buffer | null }) => ({
    name,
    ...content,
    previous: content.previous && hex(content.previous),
    hash: hex(revisionHash(content)),
  })
  const first = of('the first of an environment', { environment: 'e-1', number: 1, text: 'values: {}\n', previous: null })
  const next = of('the next', { environment: 'e-1', number: 2, text: 'values:\n  a: ä\n', previous })
  return {
    format: 'revision 1',
    accept: [first, next, of('no text', { environment: 'e-1', number: 3, text: '', previous })],
    refuse: [
      { ...next, name: 'another environment', environment: 'e-2' },
      { ...next, name: 'another number', number: 3 },
      { ...next, name: 'another text', text: 'values:\n  a: a\n' },
      { ...next, name: 'a line end more', text: `${next.text}\n` },
      { ...next, name: 'another revision before', previous: hex(flipped(previous, 0)) },
      { ...next, name: 'no revision before', previous: null },
      { ...next, name: 'one bit of the hash', hash: hex(flipped(Buffer.from(next.hash, 'hex'), 31)) },
      { ...next, name: 'the hash cut short', hash: next.hash.slice(2) },
      { ...next, name: 'the hash of the first', hash: first.hash },
    ],
  }
}

const detailsSalt = knownBytes('details salt', 32)
const leafDetails = '{"details":{"paths":["db.host"]},"rows":{"tags":[["e-1","live","AAAAAAAAAAAAAAAAAAAAAA"]]}}'
const leafDigest = detailsDigest(detailsSalt, Buffer.from(leafDetails))
const leafColumns: Row = {
  change: 41,
  time: 1_700_000_000_000,
  organisation: 'o-1',
  actor: 'p-1',
  actor_name: 'Škoda',
  action: 'environment.open',
  resource: 'environment:main/shop/dev',
  outcome: 'ok',
  digest: leafDigest,
}

export function leafVectors(): VectorFile {
  const [salt, details, digest, columns] = [detailsSalt, leafDetails, leafDigest, leafColumns]
  const leafOf = (of: Row) => hex(leafHash(leafData(of)))
  const json = (of: Row) =>
    Object.fromEntries(Object.entries(of).map(([name, cell]) => [name, cell instanceof Uint8Array ? { hex: hex(cell) } : cell]))
  const vector = (name: string, of: Row, change: object = {}) => ({
    name,
    columns: json(of),
    salt: hex(salt),
    details,
    leaf: leafOf(of),
    ...change,
  })
  const changed = (name: string, change: Row) => ({ ...vector(name, { ...columns, ...change }), leaf: leafOf(columns) })
  const { outcome: _, ...missing } = columns
  const system: Row = { ...columns, actor: null, organisation: null, actor_name: 'headgate' }
  const bare = detailsDigest(salt, Buffer.from('{}'))
  return {
    format: 'leaf 1',
    accept: [
      vector('a record', columns),
      vector('nobody’s record', system),
      vector('no details', { ...columns, digest: bare }, { details: '{}' }),
    ],
    refuse: [
      changed('another change', { change: 42 }),
      changed('another time', { time: 1_700_000_000_001 }),
      changed('another organisation', { organisation: 'o-2' }),
      changed('no organisation', { organisation: null }),
      changed('another actor', { actor: 'p-2' }),
      changed('another name of the actor', { actor_name: 'Skoda' }),
      changed('another action', { action: 'environment.read' }),
      changed('another resource', { resource: 'environment:main/shop/prod' }),
      changed('another outcome', { outcome: 'denied' }),
      changed('one bit of the digest', { digest: flipped(digest, 31) }),
      changed('a column more', { leaf: 3 }),
      { ...vector('a column less', missing), leaf: leafOf(columns) },
      vector('other details', columns, { details: details.replace('db.host', 'db.port') }),
      vector('details with a space more', columns, { details: `${details} ` }),
      vector('another salt', columns, { salt: hex(flipped(salt, 0)) }),
      vector('a byte moved from the salt to the details', columns, {
        salt: hex(salt.subarray(0, 31)),
        details: `${String.fromCharCode(salt[31] ?? 0)}${details}`,
      }),
      vector('one bit of the leaf', columns, { leaf: hex(flipped(Buffer.from(leafOf(columns), 'hex'), 0)) }),
      vector('the leaf cut short', columns, { leaf: leafOf(columns).slice(2) }),
      vector('the encoded record in the place of its leaf', columns, { leaf: hex(leafData(columns)) }),
    ],
  }
}
