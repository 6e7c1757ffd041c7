/**
 * The Merkle tree of RFC 6962 (section 2.1), as arithmetic: what is hashed with what. Where the hashes are kept is
 * the caller's business.
 */
import { HASH_LENGTH, sha256 } from './hash.ts'

const LEAF = 0
const NODE = 1

export function leafHash(data: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + data.length)
  input[0] = LEAF
  input.set(data, 1)
  return sha256(input)
}

/** One buffer for every inner node: the hash is taken before anyone else can write to it. */
const pair = Buffer.alloc(1 + 2 * HASH_LENGTH, NODE)

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_LENGTH)
  return sha256(pair)
}

/** The root of a log without records. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array())

/** A tree of some size, reduced to the roots of its perfect subtrees, largest first: all that appending needs. */
export interface Frontier {
  readonly size: number
  readonly peaks: readonly Uint8Array[]
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] }

/** Told of every perfect subtree a leaf completes, from the leaf itself (level 0) upwards, and where it begins at its level. */
export type Completed = (level: number, position: number, hash: Uint8Array) => void

/** Appends leaves. The frontier that is given stays as it is. */
export function append(frontier: Frontier, leaves: readonly Uint8Array[], completed?: Completed): Frontier {
  const peaks = frontier.peaks.slice()
  let { size } = frontier
  for (const leaf of leaves) {
    let subtree = leaf
    let position = size
    completed?.(0, position, leaf)
    for (let level = 1; position % 2 === 1; level += 1) {
      const left = peaks.pop()
      if (!left) throw new Error('a frontier has a peak for every bit of its size')
      subtree = nodeHash(left, subtree)
      position = (position - 1) / 2
      completed?.(level, position, subtree)
    }
    peaks.push(subtree)
    size += 1
  }
  return { size, peaks }
}

export function rootOf(frontier: Frontier): Uint8Array {
  return frontier.peaks.length === 0 ? EMPTY_ROOT : frontier.peaks.reduceRight((right, left) => nodeHash(left, right))
}

/** The root of the perfect subtree of 2^level leaves that begins at leaf `position * 2^level`. */
export type SubtreeReader = (level: number, position: number) => Uint8Array

/** The frontier of the first `size` leaves of a larger tree. */
export function frontierAt(size: number, read: SubtreeReader): Frontier {
  return { size, peaks: perfectSubtrees(0, size).map(({ level, position }) => read(level, position)) }
}

/** The hash of the leaves from `begin` up to `end`, as the tree's own division gives it. */
export function rangeHash(begin: number, end: number, read: SubtreeReader): Uint8Array {
  return rootOf({ size: end - begin, peaks: perfectSubtrees(begin, end).map(({ level, position }) => read(level, position)) })
}

/** Splits a range that begins at a multiple of its own largest power of two into perfect subtrees, largest first. */
function perfectSubtrees(begin: number, end: number): { level: number; position: number }[] {
  const subtrees: { level: number; position: number }[] = []
  let start = begin
  while (start < end) {
    const level = Math.floor(Math.log2(end - start))
    subtrees.push({ level, position: start / 2 ** level })
    start += 2 ** level
  }
  return subtrees
}
