import { createHash } from 'node:crypto'

/** RFC 6962, section 2.1, word for word: the whole tree anew for every question. */
export function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256(Buffer.alloc(0))
  if (leaves.length === 1) return sha256(Buffer.concat([Uint8Array.of(0), leaves[0] as Uint8Array]))
  const middle = split(leaves.length)
  return sha256(Buffer.concat([Uint8Array.of(1), naiveRoot(leaves.slice(0, middle)), naiveRoot(leaves.slice(middle))]))
}

export function naivePath(leaf: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return []
  const middle = split(leaves.length)
  return leaf < middle
    ? [...naivePath(leaf, leaves.slice(0, middle)), naiveRoot(leaves.slice(middle))]
    : [...naivePath(leaf - middle, leaves.slice(middle)), naiveRoot(leaves.slice(0, middle))]
}

export function naiveConsistency(before: number, leaves: readonly Uint8Array[], whole = true): Buffer[] {
  if (before === leaves.length) return whole ? [] : [naiveRoot(leaves)]
  const middle = split(leaves.length)
  return before <= middle
    ? [...naiveConsistency(before, leaves.slice(0, middle), whole), naiveRoot(leaves.slice(middle))]
    : [...naiveConsistency(before - middle, leaves.slice(middle), false), naiveRoot(leaves.slice(0, middle))]
}

function split(size: number): number {
  let middle = 1
  while (middle * 2 < size) middle *= 2
  return middle
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}
