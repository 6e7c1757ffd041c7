import type { Json } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import {
  ALWAYS,
  COUNT_KEYWORDS,
  type CountKeyword,
  NEVER,
  NUMBER_KEYWORDS,
  type NumberKeyword,
  Schema,
  type SchemaKeywords,
} from './schema.ts'

/** Data that is no schema; the message says where it is not. */
export class SchemaFault extends Error {
  /** Keys from the root of the schema to what is wrong; none where the schema as a whole is blamed. */
  readonly at: readonly (string | number)[]

  constructor(message: string, at: readonly (string | number)[] = []) {
    super(message)
    this.at = at
  }
}

type JsonMap = ReadonlyMap<string, Json>

/**
 * Reads a schema from JSON. Keywords that mean nothing are left out.
 *
 * @throws {SchemaFault} only
 */
export function readSchema(json: Json, at: readonly (string | number)[] = []): Schema {
  if (json === true) return ALWAYS
  if (json === false) return NEVER
  if (!(json instanceof Map)) throw new SchemaFault('a schema must be a boolean or an object', at)
  const map = json as JsonMap
  const keywords: SchemaKeywords = {}
  readApplicators(map, keywords, at)
  readAssertions(map, keywords, at)
  readNotes(map, keywords, at)
  return new Schema('keywords', keywords)
}

function readApplicators(map: JsonMap, keywords: SchemaKeywords, at: readonly (string | number)[]): void {
  for (const key of ['$defs', 'properties'] as const) {
    const value = present(map, key)
    if (value === undefined) continue
    const schemas = new Map<string, Schema>()
    for (const [name, schema] of expectMap(value, [...at, key])) schemas.set(name, readSchema(schema, [...at, key, name]))
    keywords[key] = schemas
  }
  for (const key of ['anyOf', 'oneOf', 'prefixItems'] as const) {
    const value = present(map, key)
    if (value !== undefined) keywords[key] = expectList(value, [...at, key]).map((schema, i) => readSchema(schema, [...at, key, i]))
  }
  for (const key of ['items', 'additionalProperties'] as const) {
    const value = present(map, key)
    if (value !== undefined) keywords[key] = readSchema(value, [...at, key])
  }
  const ref = present(map, '$ref')
  if (ref !== undefined) keywords.$ref = expectText(ref, [...at, '$ref'])
}

function readAssertions(map: JsonMap, keywords: SchemaKeywords, at: readonly (string | number)[]): void {
  for (const key of ['type', 'pattern'] as const) {
    const value = present(map, key)
    if (value !== undefined) keywords[key] = expectText(value, [...at, key])
  }
  const constant = present(map, 'const')
  // `const: null` says nothing, as in the reference: it cannot be told from an absent one.
  if (constant !== undefined) keywords.const = constant
  const values = present(map, 'enum')
  if (values !== undefined) keywords.enum = expectList(values, [...at, 'enum'])
  const numbers: Partial<Record<NumberKeyword | CountKeyword, NumberText>> = {}
  for (const key of [...NUMBER_KEYWORDS, ...COUNT_KEYWORDS]) {
    const value = present(map, key)
    if (value === undefined) continue
    if (!(value instanceof NumberText)) throw new SchemaFault(`${key} must be a number`, [...at, key])
    numbers[key] = value
  }
  if (Object.keys(numbers).length > 0) keywords.numbers = numbers
  const required = present(map, 'required')
  if (required !== undefined) keywords.required = expectTexts(required, [...at, 'required'])
  const dependent = present(map, 'dependentRequired')
  if (dependent === undefined) return
  const names = new Map<string, readonly string[]>()
  for (const [name, value] of expectMap(dependent, [...at, 'dependentRequired'])) {
    names.set(name, value === null ? [] : expectTexts(value, [...at, 'dependentRequired', name]))
  }
  keywords.dependentRequired = names
}

function readNotes(map: JsonMap, keywords: SchemaKeywords, at: readonly (string | number)[]): void {
  for (const key of ['title', 'description'] as const) {
    const value = present(map, key)
    if (value !== undefined) keywords[key] = expectText(value, [...at, key])
  }
  for (const key of ['uniqueItems', 'deprecated', 'secret'] as const) {
    const value = present(map, key)
    if (value === undefined) continue
    if (typeof value !== 'boolean') throw new SchemaFault(`${key} must be a boolean`, [...at, key])
    keywords[key] = value
  }
  const fallback = present(map, 'default')
  if (fallback !== undefined) keywords.default = fallback
  const examples = present(map, 'examples')
  if (examples !== undefined) keywords.examples = expectList(examples, [...at, 'examples'])
  const rotateOnly = present(map, 'rotateOnly')
  if (rotateOnly !== undefined) keywords.rotateOnly = expectTexts(rotateOnly, [...at, 'rotateOnly'])
}

/** A keyword's value; null counts as absent. */
function present(map: JsonMap, key: string): Json | undefined {
  return map.get(key) ?? undefined
}

function expectMap(value: Json, at: readonly (string | number)[]): JsonMap {
  if (value instanceof Map) return value as JsonMap
  throw new SchemaFault(`${at[at.length - 1]} must be an object`, at)
}

function expectList(value: Json, at: readonly (string | number)[]): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  throw new SchemaFault(`${at[at.length - 1]} must be a list`, at)
}

function expectText(value: Json, at: readonly (string | number)[]): string {
  if (typeof value === 'string') return value
  throw new SchemaFault(`${at[at.length - 1]} must be a string`, at)
}

function expectTexts(value: Json, at: readonly (string | number)[]): string[] {
  return expectList(value, at).map((text, i) => expectText(text, [...at, i]))
}
