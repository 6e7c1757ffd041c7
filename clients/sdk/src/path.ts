import { ConfigurationError } from './errors.ts'
import type { Json } from './snapshot.ts'

/** A path taken apart: names of keys, and numbers for places in lists. */
export type Segments = readonly (string | number)[]

/**
 * Reads `infrastructure.redis.url`, `servers[0].name`, `labels["a.b"]` or `labels['a.b']`.
 *
 * @throws ConfigurationError PATH_INVALID, with the column where it stops being a path
 */
export function parsePath(text: string): Segments {
  // Who writes JavaScript has no compiler that says so.
  if (typeof text !== 'string') throw new ConfigurationError('PATH_INVALID', { path: String(text), reason: 'a path is text' })
  const segments: (string | number)[] = []
  let at = 0
  while (at < text.length) {
    const name = /^[^.[\]'"]+/.exec(text.slice(at))
    if (name) {
      segments.push(name[0])
      at += name[0].length
    } else if (text[at] === '[') {
      const [segment, end] = bracketed(text, at)
      segments.push(segment)
      at = end
    } else {
      throw invalid(text, at)
    }
    if (at === text.length) return segments
    if (text[at] === '.' && at + 1 < text.length) at += 1
    else if (text[at] !== '[') throw invalid(text, at)
  }
  throw new ConfigurationError('PATH_INVALID', { path: text, reason: 'it is empty' })
}

function bracketed(text: string, at: number): [segment: string | number, end: number] {
  const index = /^\[(\d{1,9})\]/.exec(text.slice(at))
  if (index) return [Number(index[1]), at + index[0].length]
  const quoted = /^\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\]/.exec(text.slice(at))
  if (!quoted) throw invalid(text, at)
  return [(quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1'), at + quoted[0].length]
}

function invalid(text: string, at: number): ConfigurationError {
  return new ConfigurationError('PATH_INVALID', {
    path: text,
    reason: `at column ${at + 1} a name, ["a name"] or [number] is expected`,
  })
}

/** The one way a path is written, so that two spellings of a path are the same text. */
export function renderPath(segments: Segments): string {
  return segments.map((segment, index) => renderSegment(segment, index === 0)).join('')
}

function renderSegment(segment: string | number, first: boolean): string {
  if (typeof segment === 'number') return `[${segment}]`
  if (segment === '' || /[.[\]'"\\]/.test(segment)) return `["${segment.replace(/["\\]/g, '\\$&')}"]`
  return first ? segment : `.${segment}`
}

/** What is at a path; undefined where nothing is. Only what a document holds is found, never what objects inherit. */
export function valueAt(values: Json, segments: Segments): Json | undefined {
  let value: Json | undefined = values
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    if (Array.isArray(value) && typeof segment !== 'number') return undefined
    value = (value as Record<string | number, Json>)[segment]
  }
  return value
}

/** Whether a path is at or below another. */
export function isWithin(inner: Segments, outer: Segments): boolean {
  return inner.length >= outer.length && outer.every((segment, index) => inner[index] === segment)
}
