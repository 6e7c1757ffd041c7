import { type Segments, renderPath } from './path.ts'
import type { Json, Source } from './snapshot.ts'

/** That the values were replaced. `paths` are those whose value differs, each as deep as the difference is; it may be empty. */
export interface Reload {
  readonly revision: number
  readonly previousRevision: number
  readonly source: Source
  readonly paths: readonly string[]
}

/** That what is at one path became something else; undefined stands for nothing there. */
export interface Change<T extends Json = Json> {
  readonly path: string
  readonly before: T | undefined
  readonly after: T | undefined
  readonly revision: number
  readonly previousRevision: number
}

export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every((name) => Object.hasOwn(right, name) && sameValue(entry(left, name), entry(right, name)))
}

/** The paths at which two values differ. Lists are compared place by place. */
export function changedPaths(before: Json | undefined, after: Json | undefined): string[] {
  const found: string[] = []
  collect(before, after, [], found)
  return found
}

function collect(before: Json | undefined, after: Json | undefined, at: Segments, found: string[]): void {
  if (before === after) return
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    found.push(renderPath(at))
    return
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const name of names) {
    collect(entry(before, name), entry(after, name), [...at, Array.isArray(after) ? Number(name) : name], found)
  }
}

function isContainer(value: Json | undefined): value is Exclude<Json, null | boolean | number | string> {
  return typeof value === 'object' && value !== null
}

function entry(container: object, name: string): Json | undefined {
  return Object.hasOwn(container, name) ? (container as Record<string, Json>)[name] : undefined
}
