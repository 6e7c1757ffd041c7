import { type PathPart, parsePath as parse } from '@headgate/lang'
import { isExactNumber } from './exact-number.ts'
import { type Result, ok, refuse } from '@headgate/model'

/** A path taken apart: `a.b["c d"][0]`. */
export function parsePath(path: string): Result<readonly PathPart[]> {
  const parts = parse(path)
  return 'reason' in parts ? refuse('PATH_INVALID', { path, reason: parts.reason }) : ok(parts)
}

/** What is at a path of plain values; undefined where nothing is. Only what the document holds is found, never what objects inherit. */
export function valueAtPath<T>(values: T, parts: readonly PathPart[]): T | undefined {
  let value: unknown = values
  for (const part of parts) {
    if (typeof value !== 'object' || value === null || isExactNumber(value) || !Object.hasOwn(value, part)) return undefined
    if (Array.isArray(value) !== (typeof part === 'number')) return undefined
    value = (value as Record<PathPart, unknown>)[part]
  }
  return value as T
}
