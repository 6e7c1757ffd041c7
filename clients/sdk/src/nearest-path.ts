import { type Segments, renderPath, valueAt } from './path.ts'
import type { Json } from './snapshot.ts'

/** How many names a message lists. */
const SHOWN = 8

/** What is closest to a path that does not exist: how far it leads, and what could have been meant. Names only. */
export function describeNearest(values: Json, segments: Segments): string {
  let depth = segments.length - 1
  while (depth > 0 && valueAt(values, segments.slice(0, depth)) === undefined) depth -= 1
  const parent = segments.slice(0, depth)
  const place = depth === 0 ? 'at its top' : `\`${renderPath(parent)}\``
  const inside = valueAt(values, parent)
  if (typeof inside !== 'object' || inside === null) return `${place} is no map or list`
  if (Array.isArray(inside)) {
    const last = inside.length === 0 ? '' : `, up to \`${renderPath([...parent, inside.length - 1])}\``
    return `${place} is a list of ${inside.length}${last}`
  }
  const names = Object.keys(inside)
  if (names.length === 0) return `${place} is empty`
  const meant = closestName(String(segments[depth]), names)
  if (meant !== undefined) return `did you mean \`${renderPath([...parent, meant])}\`?`
  return depth === 0 ? `at its top are ${listed(names)}` : `the nearest is ${place} with ${listed(names)}`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown
}

/** The name a slip of the finger away, undefined where none is. */
export function closestName(wanted: string, names: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(wanted.length / 4))
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    const distance = name.toLowerCase() === wanted.toLowerCase() ? 0 : editDistance(wanted, name, allowed)
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

/** Levenshtein's distance, given up (as `limit + 1`) where the lengths alone exceed the limit. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? limit + 1
}
