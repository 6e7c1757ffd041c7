import { type Json, joinKey, parseJson, parsePath, writeJson } from '@headgate/lang'
import { type Result, ok, refuse } from '@headgate/model'

/** JSON as the language reads it: maps, and numbers as text. */
type Part = ReadonlyMap<string, Json>

/** What an evaluation holds at a path, as JSON text; the empty path is the whole. */
export function evaluationAt(evaluation: string, path: string, name: string): Result<string> {
  if (path === '') return ok(evaluation)
  const parts = parsePath(path)
  if ('reason' in parts) return refuse('PATH_INVALID', { path, reason: parts.reason })
  let part: Json | undefined = new Map<string, Json>([['value', propertiesOf(evaluation)]])
  for (const step of parts) {
    const content: Json | undefined = part instanceof Map ? (part as Part).get('value') : undefined
    if (typeof step === 'number') part = Array.isArray(content) ? (content as Json[])[step] : undefined
    else part = content instanceof Map ? (content as Part).get(step) : undefined
    if (part === undefined) return refuse('PATH_NOT_FOUND', { environment: name, path })
  }
  return ok(writeJson(part))
}

/**
 * An evaluation for somebody who may open only some paths: the values that are allowed, and nothing of the rest.
 * Expressions, schemas and what was overridden repeat values, so none of them is left.
 */
export function keepEvaluation(evaluation: string, allowed: (path: string) => boolean): string {
  const kept = keepContent(propertiesOf(evaluation), '', allowed)
  return writeJson(new Map<string, Json>(kept === undefined ? [] : [['properties', kept]]))
}

function propertiesOf(evaluation: string): Json {
  const parsed = parseJson(evaluation)
  return (parsed instanceof Map ? (parsed as Part).get('properties') : undefined) ?? new Map<string, Json>()
}

function keepValue(value: Json, path: string, allowed: (path: string) => boolean): Json | undefined {
  if (!(value instanceof Map)) return undefined
  const whole = value as Part
  const content = whole.get('value') ?? null
  const nested = content instanceof Map || Array.isArray(content)
  const kept = nested ? keepContent(content, path, allowed) : allowed(path) ? content : undefined
  if (kept === undefined) return undefined
  const flags = ['secret', 'unknown'].flatMap((flag) => (whole.has(flag) ? [[flag, whole.get(flag) as Json] as const] : []))
  return new Map<string, Json>([['value', kept], ...flags, ['trace', new Map<string, Json>()]])
}

function keepContent(content: Json, path: string, allowed: (path: string) => boolean): Json | undefined {
  if (Array.isArray(content)) {
    const items = (content as Json[]).flatMap((item, index) => keepValue(item, `${path}[${index}]`, allowed) ?? [])
    return items.length > 0 ? items : undefined
  }
  if (!(content instanceof Map)) return undefined
  const entries = [...(content as Part)].flatMap(([key, item]) => {
    const kept = keepValue(item, joinKey(path, key), allowed)
    return kept === undefined ? [] : [[key, kept] as const]
  })
  return entries.length > 0 ? new Map(entries) : undefined
}
