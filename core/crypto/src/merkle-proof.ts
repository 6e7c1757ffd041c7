/** Inclusion and consistency proofs of RFC 6962 (sections 2.1.1 and 2.1.2), made and checked. */
import { equalBytes, HASH_LENGTH } from './hash.ts'
import { EMPTY_ROOT, type SubtreeReader, nodeHash, rangeHash } from './merkle.ts'

/** The largest power of two smaller than `size`: where the tree divides. */
function divide(size: number): number {
  return 2 ** (Math.ceil(Math.log2(size)) - 1)
}

/**
 * The hashes that lead from one leaf to the root of a tree of `size` leaves, the leaf's neighbour first.
 *
 * @throws RangeError where the tree has no such leaf
 */
export function inclusionProof(leaf: number, size: number, read: SubtreeReader): Uint8Array[] {
  if (!(leaf >= 0 && leaf < size)) throw new RangeError(`a log of ${size} records has no record ${leaf}`)
  return pathTo(leaf, 0, size, read)
}

function pathTo(leaf: number, begin: number, end: number, read: SubtreeReader): Uint8Array[] {
  if (end - begin === 1) return []
  const middle = begin + divide(end - begin)
  return leaf < middle
    ? [...pathTo(leaf, begin, middle, read), rangeHash(middle, end, read)]
    : [...pathTo(leaf, middle, end, read), rangeHash(begin, middle, read)]
}

/** Whether a proof shows that the tree of this size and root has this leaf at this place. */
export function verifyInclusion(
  proof: readonly Uint8Array[],
  claim: { readonly leaf: number; readonly leafHash: Uint8Array; readonly size: number; readonly root: Uint8Array },
): boolean {
  const { leaf, size } = claim
  if (!areHashes([...proof, claim.leafHash, claim.root]) || !(Number.isSafeInteger(leaf) && leaf >= 0 && leaf < size)) return false
  let at: Standing = { place: leaf, last: size - 1 }
  let hash = claim.leafHash
  for (const sibling of proof) {
    if (at.last === 0) return false
    hash = isRight(at) ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    at = ascend(at)
  }
  return at.last === 0 && equalBytes(hash, claim.root)
}

/**
 * The hashes that show the tree of `size` leaves to begin with the tree of `before` leaves.
 *
 * @throws RangeError where the sizes are not 0 < before <= size
 */
export function consistencyProof(before: number, size: number, read: SubtreeReader): Uint8Array[] {
  if (!(before > 0 && before <= size)) throw new RangeError(`a log of ${size} records does not contain one of ${before}`)
  return before === size ? [] : extensionOf(before, 0, size, 'whole', read)
}

function extensionOf(before: number, begin: number, end: number, known: 'whole' | 'part', read: SubtreeReader): Uint8Array[] {
  if (before === end) return known === 'whole' ? [] : [rangeHash(begin, end, read)]
  const middle = begin + divide(end - begin)
  return before <= middle
    ? [...extensionOf(before, begin, middle, known, read), rangeHash(middle, end, read)]
    : [...extensionOf(before, middle, end, 'part', read), rangeHash(begin, middle, read)]
}

/** Whether a proof shows that the newer tree only adds to the older one. */
export function verifyConsistency(
  proof: readonly Uint8Array[],
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
): boolean {
  if (!areHashes([...proof, older.root, newer.root]) || !(older.size >= 0 && older.size <= newer.size)) return false
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.root, newer.root)
  if (older.size === 0) return proof.length === 0 && equalBytes(older.root, EMPTY_ROOT)
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof
  const [first, ...rest] = path
  if (!first) return false
  let at: Standing = { place: older.size - 1, last: newer.size - 1 }
  while (at.place % 2 === 1) at = { place: half(at.place), last: half(at.last) }
  let olderHash = first
  let newerHash = first
  for (const sibling of rest) {
    if (at.last === 0) return false
    if (isRight(at)) {
      olderHash = nodeHash(sibling, olderHash)
      newerHash = nodeHash(sibling, newerHash)
    } else {
      newerHash = nodeHash(newerHash, sibling)
    }
    at = ascend(at)
  }
  return at.last === 0 && equalBytes(olderHash, older.root) && equalBytes(newerHash, newer.root)
}

/** Where the way to the root has come to: a place in its level, and the last place of that level. */
interface Standing {
  readonly place: number
  readonly last: number
}

/** Whether the next hash of the proof stands to the left. */
function isRight({ place, last }: Standing): boolean {
  return place % 2 === 1 || place === last
}

/** One level up; from the right edge past all levels in which there is nothing to hash with. */
function ascend(at: Standing): Standing {
  let { place, last } = at
  if (isRight(at)) {
    while (place % 2 === 0 && place !== 0) {
      place = half(place)
      last = half(last)
    }
  }
  return { place: half(place), last: half(last) }
}

function half(value: number): number {
  return Math.floor(value / 2)
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size))
}

function areHashes(candidates: readonly Uint8Array[]): boolean {
  return candidates.every((candidate) => candidate.length === HASH_LENGTH)
}
