import { byteLength, compareBytes, toBytes } from '../yaml/bytes.ts'

/** Candidates in order of their distance from a name, equally near ones in the order given. */
export function sortByDistance(name: string, candidates: readonly string[]): string[] {
  const folded = fold(name)
  return candidates
    .map((candidate) => ({ candidate, distance: distance(folded, fold(candidate)) }))
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate)
}

/** Names longer than this are not compared: nobody mistypes them, and comparing takes the product of both lengths. */
const LONGEST = 256

/** The candidate that a misspelt name most likely meant, or undefined; of equally near ones the first in byte order. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const folded = fold(name)
  let limit = Math.floor((byteLength(folded) + 1) / 2)
  let best: string | undefined
  if (folded.length > LONGEST) return undefined
  for (const candidate of [...candidates].toSorted(compareBytes)) {
    if (candidate === '' || candidate.length > folded.length + limit + LONGEST) continue
    const found = distance(folded, fold(candidate))
    if (found < limit) {
      limit = found
      best = candidate
    }
  }
  return best
}

function fold(text: string): string {
  return text.replaceAll('_', '').toLowerCase()
}

/** Levenshtein distance over bytes. */
function distance(a: string, b: string): number {
  const left = toBytes(a)
  const right = toBytes(b)
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const substitution = (row[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[right.length] as number
}
