import { type Result, Secret } from '@headgate/model'
import type { ExportedValue } from '../eval/exported-value.ts'
import type { Patch } from '../eval/run.ts'
import { type Json, writeJson } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import { escapeDollars } from './dollar-escapes.ts'
import { setDocumentPaths } from './paths.ts'
import type { Content } from './write-content.ts'

/**
 * The text with the new states of rotated secrets. Secret values are written as plaintext `fn::secret`: seal the result
 * before it is kept anywhere.
 */
export function applyPatches(text: string, patches: readonly Patch[]): Result<string> {
  // The state of a rotator that stands in the state of another one goes with that.
  const paths = new Set(patches.map(({ path }) => path))
  const outer = patches.filter(({ path }) => !isInside(path, paths))
  return setDocumentPaths(
    text,
    outer.map(({ path, value }) => ({ path, content: contentOf(value) })),
  )
}

/** Whether a path leads through another one of some. */
function isInside(path: string, paths: ReadonlySet<string>): boolean {
  for (let at = path.length - 1; at > 0; at--) {
    if ((path[at] === '.' || path[at] === '[') && paths.has(path.slice(0, at))) return true
  }
  return false
}

function contentOf(value: ExportedValue): Content {
  const { value: content, secret } = value
  if (secret) {
    if (typeof content === 'string') return new Secret(content)
    return { 'fn::fromJSON': new Secret(writeJson(jsonOf(value))) }
  }
  if (typeof content === 'string') return escapeDollars(content)
  if (content === null || typeof content !== 'object' || content instanceof NumberText) return content
  if (Array.isArray(content)) return (content as readonly ExportedValue[]).map(contentOf)
  return new Map([...(content as ReadonlyMap<string, ExportedValue>)].map(([key, entry]) => [escapeDollars(key), contentOf(entry)]))
}

function jsonOf({ value }: ExportedValue): Json {
  if (value === null || typeof value !== 'object' || value instanceof NumberText) return value
  if (Array.isArray(value)) return (value as readonly ExportedValue[]).map(jsonOf)
  return new Map([...(value as ReadonlyMap<string, ExportedValue>)].map(([key, entry]) => [key, jsonOf(entry)]))
}
