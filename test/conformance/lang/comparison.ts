import type { Diagnostic, Range } from '@headgate/model'
import { type Json, NumberText, writeJson } from '@headgate/lang'

export type Data = Json

/** A diagnostic as the suite stores it. */
export function diagnosticData(diagnostic: Diagnostic): Data {
  return new Map<string, Data>([
    ['Severity', new NumberText(diagnostic.severity === 'error' ? '1' : '2')],
    ['Summary', diagnostic.message],
    ['Detail', ''],
    ['Subject', diagnostic.range ? rangeData(diagnostic.range) : null],
    ['Path', diagnostic.path ?? ''],
  ])
}

function rangeData({ file, begin, end }: Range): Data {
  return new Map<string, Data>([
    ['Filename', file],
    ['Start', positionData(begin)],
    ['End', positionData(end)],
  ])
}

function positionData({ line, column, byte }: Range['begin']): Data {
  return new Map<string, Data>([
    ['Line', new NumberText(String(line))],
    ['Column', new NumberText(String(column))],
    ['Byte', new NumberText(String(byte))],
  ])
}

/** Diagnostics have no order of their own: both sides are sorted by their text. */
export function sortedByText(list: readonly Data[]): Data[] {
  return list.toSorted((a, b) => (writeJson(a) < writeJson(b) ? -1 : 1))
}

/** One difference, at a path inside `expected.json`. */
export interface Difference {
  readonly path: string
  readonly expected: string
  readonly found: string
}

/** Differences shown for one case; the others are counted. */
const SHOWN = 12

/**
 * Where two pieces of data differ. A `value` that is absent is null and an `environment` that is absent is empty, as
 * older stored files leave them out.
 */
export function differences(expected: Data | undefined, found: Data | undefined, path = ''): Difference[] {
  const left = normal(expected)
  const right = normal(found)
  if (left instanceof Map && right instanceof Map)
    return mapDifferences(left as ReadonlyMap<string, Data>, right as ReadonlyMap<string, Data>, path)
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((element, i) => differences(element as Data, right[i] as Data, `${path}[${i}]`))
  }
  return writeJson(left) === writeJson(right) ? [] : [{ path, expected: writeJson(left), found: writeJson(right) }]
}

function normal(data: Data | undefined): Data {
  return data === undefined ? null : data
}

function mapDifferences(left: ReadonlyMap<string, Data>, right: ReadonlyMap<string, Data>, path: string): Difference[] {
  const keys = new Set([...left.keys(), ...right.keys()])
  const found: Difference[] = []
  for (const key of keys) {
    if (absentMeansEmpty(key, left, right)) continue
    found.push(...differences(left.get(key), right.get(key), path === '' ? key : `${path}.${key}`))
  }
  return found
}

/** Keys the suite leaves out in one way or another, and those of diagnostics that are always null. */
const EMPTY: Readonly<Record<string, string>> = {
  environment: '""',
  Context: 'null',
  Expression: 'null',
  EvalContext: 'null',
  Extra: 'null',
  Detail: '""',
}

function absentMeansEmpty(key: string, left: ReadonlyMap<string, Data>, right: ReadonlyMap<string, Data>): boolean {
  const empty = EMPTY[key]
  if (empty === undefined || (left.has(key) && right.has(key))) return false
  return writeJson(left.get(key) ?? right.get(key) ?? null) === empty
}

/** The differences of one case for people: each with both sides, long ones cut. */
export function renderDifferences(found: readonly Difference[]): string {
  const lines = found
    .slice(0, SHOWN)
    .flatMap(({ path, expected, found: actual }) => [`    ${path}`, `      expected ${cut(expected)}`, `      found    ${cut(actual)}`])
  if (found.length > SHOWN) lines.push(`    … and ${found.length - SHOWN} more`)
  return lines.join('\n')
}

function cut(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

/** What of an evaluation is compared, by its keys in `expected.json` and in the reference's answers. */
export const COMPARED = [
  'loadDiags',
  'checkDiags',
  'check',
  'checkJson',
  'evalDiags',
  'eval',
  'evalJsonRedacted',
  'evalJSONRevealed',
  'rotateDiags',
  'rotate',
  'rotateJson',
  'rotatePatches',
]
