import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  type GrowingTree,
  type SubtreeReader,
  TILE_WIDTH,
  append,
  consistencyProof,
  emptyFrontier,
  emptyTree,
  frontierAt,
  grow,
  inclusionProof,
  leafHash,
  rootOf,
  subtreesFromTiles,
  verifyConsistency,
  verifyInclusion,
} from '@headgate/crypto'
import fc from 'fast-check'
import { naiveConsistency, naivePath, naiveRoot } from './naive-merkle.ts'

const leavesOf = (count: number) => Array.from({ length: count }, (_, n) => Buffer.from(`record ${n}`))

/** Every perfect subtree, by naive computation. */
function reader(leaves: readonly Uint8Array[]): SubtreeReader {
  return (level, position) => naiveRoot(leaves.slice(position * 2 ** level, (position + 1) * 2 ** level))
}

test('the root and both proofs are those of RFC 6962, for every tree of up to 40 leaves', () => {
  const all = leavesOf(40)
  let frontier = emptyFrontier
  assert.deepEqual(Buffer.from(rootOf(frontier)), naiveRoot([]))
  for (let size = 1; size <= all.length; size += 1) {
    const leaves = all.slice(0, size)
    frontier = append(frontier, [leafHash(all[size - 1] as Buffer)])
    const root = rootOf(frontier)
    assert.deepEqual(Buffer.from(root), naiveRoot(leaves))
    for (let leaf = 0; leaf < size; leaf += 1) {
      const proof = inclusionProof(leaf, size, reader(leaves))
      assert.deepEqual(proof.map(Buffer.from), naivePath(leaf, leaves))
      assert.ok(verifyInclusion(proof, { leaf, leafHash: leafHash(all[leaf] as Buffer), size, root }))
    }
    for (let before = 1; before <= size; before += 1) {
      const proof = consistencyProof(before, size, reader(leaves))
      assert.deepEqual(proof.map(Buffer.from), naiveConsistency(before, leaves))
      const older = { size: before, root: naiveRoot(all.slice(0, before)) }
      assert.ok(verifyConsistency(proof, older, { size, root }), `${before} of ${size}`)
    }
  }
})

test('a proof of anything else is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), fc.nat(), (size, a, b, c) => {
      const leaves = leavesOf(size)
      const leaf = a % size
      const root = naiveRoot(leaves)
      const good = { leaf, leafHash: leafHash(leaves[leaf] as Buffer), size, root }
      const proof = naivePath(leaf, leaves)
      assert.ok(verifyInclusion(proof, good))
      const wrongLeaf = b % size
      if (wrongLeaf !== leaf) assert.ok(!verifyInclusion(proof, { ...good, leaf: wrongLeaf }))
      assert.ok(!verifyInclusion(proof, { ...good, leafHash: leafHash(Buffer.from('another')) }))
      assert.ok(!verifyInclusion(proof.slice(1), good))
      assert.ok(!verifyInclusion([...proof, randomBytes(32)], good))
      const changed = proof.map((hash, n) => (n === c % proof.length ? randomBytes(32) : hash))
      assert.ok(!verifyInclusion(changed, good))
      assert.ok(!verifyInclusion(proof, { ...good, leaf: -1 }) && !verifyInclusion(proof, { ...good, leaf: size }))
    }),
    { numRuns: 200 },
  )
})

test('a log that was rewritten is not consistent with its older root', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), (size, a, b) => {
      const before = 1 + (a % (size - 1))
      const leaves = leavesOf(size)
      const older = { size: before, root: naiveRoot(leaves.slice(0, before)) }
      const forged = leaves.map((leaf, n) => (n === b % before ? Buffer.from('forged') : leaf))
      assert.ok(!verifyConsistency(naiveConsistency(before, forged), older, { size, root: naiveRoot(forged) }))
      assert.ok(!verifyConsistency(naiveConsistency(before, leaves), older, { size, root: naiveRoot(forged) }))
      assert.ok(!verifyConsistency([...naiveConsistency(before, leaves), randomBytes(32)], older, { size, root: naiveRoot(leaves) }))
    }),
    { numRuns: 200 },
  )
})

test('leaves and inner nodes cannot be taken for each other', () => {
  const [left, right] = leavesOf(2).map((leaf) => leafHash(leaf)) as [Uint8Array, Uint8Array]
  assert.notDeepEqual(Buffer.from(leafHash(Buffer.concat([left, right]))), naiveRoot(leavesOf(2)))
})

test('tiles give back every subtree and every older root, however the batches fell', () => {
  const size = 2 * TILE_WIDTH + 37
  const leaves = leavesOf(size)
  const hashes = leaves.map((leaf) => leafHash(leaf))
  const tiles = new Map<string, Uint8Array>()
  let tree: GrowingTree = emptyTree
  let start = 0
  for (const count of [1, 7, 250, 300, size]) {
    const grown = grow(tree, hashes.slice(start, start + count))
    for (const tile of grown.tiles) tiles.set(`${tile.level}/${tile.position}`, tile.hashes)
    tree = grown.tree
    start += count
  }
  assert.deepEqual([...tiles.keys()], ['0/0', '0/1'])
  const read = subtreesFromTiles((level, position) => tiles.get(`${level}/${position}`) ?? Buffer.concat(tree.open[level] ?? []))
  for (const at of [1, 255, 256, 257, 511, 512, 513, size])
    assert.deepEqual(Buffer.from(rootOf(frontierAt(at, read))), naiveRoot(leaves.slice(0, at)), `size ${at}`)
  const proof = inclusionProof(300, size, read)
  assert.ok(verifyInclusion(proof, { leaf: 300, leafHash: hashes[300] as Uint8Array, size, root: rootOf(tree.frontier) }))
  assert.ok(Buffer.concat(proof).length <= 1_500)
})

test('growing leaves the tree it began with untouched', () => {
  const first = grow(
    emptyTree,
    leavesOf(5).map((leaf) => leafHash(leaf)),
  ).tree
  const root = Buffer.from(rootOf(first.frontier))
  grow(
    first,
    leavesOf(300).map((leaf) => leafHash(leaf)),
  )
  assert.deepEqual(Buffer.from(rootOf(first.frontier)), root)
  assert.equal(first.open[0]?.length, 5)
})
