import { compareBytes, toBytes } from '../yaml/bytes.ts'

/** Candidates in order of their distance from a name, equally near ones in the order given. */
export function sortByDistance(name: string, candidates: readonly string[]): string[] {
  const folded = toBytes(fold(name))
  return candidates
    .map((candidate) => ({ candidate, distance: distance(folded, toBytes(fold(candidate))) }))
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate)
}

/** Names longer than this are not compared: nobody mistypes them, and comparing takes the product of both lengths. */
const LONGEST = 256

/** What looking for misspelt names may cost in one evaluation: each of many can be compared with each of many others. */
export interface Effort {
  left: number
}

/** What looking at a candidate costs, in pairs of characters, where its length alone rules it out. */
const LEAST_EFFORT = 50

/** Pairs of characters that are compared at most. */
export const SUGGESTION_EFFORT = 20_000_000

/**
 * The candidate that a misspelt name most likely meant, or undefined; of equally near ones the first in byte order.
 *
 * @param effort is used up; where nothing of it is left, nothing is suggested
 */
export function nearest(name: string, candidates: Iterable<string>, effort: Effort = { left: SUGGESTION_EFFORT }): string | undefined {
  if (name.length > LONGEST) return undefined
  const folded = toBytes(fold(name))
  let furthest = Math.floor((folded.length + 1) / 2) - 1
  let best: string | undefined
  for (const candidate of candidates) {
    if (candidate === '' || candidate.length > LONGEST * 2) continue
    const other = toBytes(fold(candidate))
    effort.left -= LEAST_EFFORT
    if (effort.left <= 0) return undefined
    if (Math.abs(other.length - folded.length) > furthest) continue
    effort.left -= folded.length * other.length
    const found = distance(folded, other)
    if (found > furthest || (found === furthest && best !== undefined && compareBytes(candidate, best) > 0)) continue
    furthest = found
    best = candidate
  }
  return best
}

function fold(text: string): string {
  return text.replaceAll('_', '').toLowerCase()
}

/** Levenshtein distance over bytes. */
function distance(left: Uint8Array, right: Uint8Array): number {
  const row = Uint32Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    let diagonal = row[0] as number
    row[0] = i
    for (let j = 1; j <= right.length; j++) {
      const above = row[j] as number
      const substitution = diagonal + (left[i - 1] === right[j - 1] ? 0 : 1)
      row[j] = Math.min(substitution, above + 1, (row[j - 1] as number) + 1)
      diagonal = above
    }
  }
  return row[right.length] as number
}
