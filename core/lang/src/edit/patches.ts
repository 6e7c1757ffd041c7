import { type Result, Secret, ok } from '@headgate/model'
import type { ExportedValue } from '../eval/exported-value.ts'
import type { Patch } from '../eval/run.ts'
import { type Json, writeJson } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import { escapeDollars } from './dollar-escapes.ts'
import { setDocumentPath } from './paths.ts'
import type { Content } from './write-content.ts'

/**
 * The text with the new states of rotated secrets. Secret values are written as plaintext `fn::secret`: seal the result
 * before it is kept anywhere.
 */
export function applyPatches(text: string, patches: readonly Patch[]): Result<string> {
  let patched = text
  for (const { path, value } of patches) {
    const result = setDocumentPath(patched, path, contentOf(value))
    if (!result.ok) return result
    patched = result.value
  }
  return ok(patched)
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
