import type { Position, Range } from '@headgate/model'
import { type Schema } from '../schema/schema.ts'
import { jsonString, writeJson } from '../text/json.ts'

/** Pieces of JSON text; absent members are left out. */
export function object(members: readonly (readonly [string, string | undefined])[]): string {
  let text = ''
  for (const [key, value] of members) {
    if (value === undefined) continue
    text += `${text === '' ? '' : ','}"${key}":${value}`
  }
  return `{${text}}`
}

export function array(elements: readonly string[]): string {
  return `[${elements.join(',')}]`
}

/** An object by its entries; undefined for none. */
export function entries(pairs: readonly (readonly [string, string])[]): string | undefined {
  if (pairs.length === 0) return undefined
  let text = ''
  for (const [key, value] of pairs) text += `${text === '' ? '{' : ','}${jsonString(key)}:${value}`
  return `${text}}`
}

const ZERO = '{"line":0,"column":0,"byte":0}'
const written = new WeakMap<Range, string>()

/** A range as the wire has it; without one, zero positions in the named environment. */
export function rangeText(range: Range | undefined, environment: string): string {
  if (!range) return `{"environment":${jsonString(environment)},"begin":${ZERO},"end":${ZERO}}`
  let text = written.get(range)
  if (text === undefined) {
    text = `{"environment":${jsonString(range.file)},"begin":${position(range.begin)},"end":${position(range.end)}}`
    written.set(range, text)
  }
  return text
}

function position({ line, column, byte }: Position): string {
  return `{"line":${line},"column":${column},"byte":${byte}}`
}

const schemas = new WeakMap<Schema, string>()

export function schemaText(schema: Schema): string {
  if (schema.always) return 'true'
  if (schema.never) return 'false'
  let text = schemas.get(schema)
  if (text === undefined) {
    text = plainText(schema) ?? keywordsText(schema)
    schemas.set(schema, text)
  }
  return text
}

/** The keywords that describe data exactly, and nothing else. */
const PLAIN_KEYWORDS = new Set(['type', 'const', 'properties', 'required', 'items', 'prefixItems', 'additionalProperties'])

/** A schema of those keywords alone, as nearly all are; undefined for any other. */
function plainText({ keywords }: Schema): string | undefined {
  for (const key in keywords) if (!PLAIN_KEYWORDS.has(key)) return undefined
  const { type = '', const: constant, properties, required, items, prefixItems, additionalProperties } = keywords
  let text = `{"type":${jsonString(type)}`
  if (prefixItems && prefixItems.length > 0) text += `,"prefixItems":${array(prefixItems.map(schemaText))}`
  if (items) text += `,"items":${schemaText(items)}`
  if (additionalProperties) text += `,"additionalProperties":${schemaText(additionalProperties)}`
  if (properties && properties.size > 0) {
    let before = ',"properties":{'
    for (const [key, schema] of properties) {
      text += `${before}${jsonString(key)}:${schemaText(schema)}`
      before = ','
    }
    text += '}'
  }
  if (constant !== undefined) text += `,"const":${writeJson(constant)}`
  if (required && required.length > 0) text += `,"required":${array(required.map(jsonString))}`
  return `${text}}`
}

function keywordsText({ keywords }: Schema): string {
  const list = (members: readonly Schema[] | undefined) => (members && members.length > 0 ? array(members.map(schemaText)) : undefined)
  const map = (members: ReadonlyMap<string, Schema> | undefined) =>
    entries([...(members ?? [])].map(([key, schema]) => [key, schemaText(schema)]))
  const texts = (names: readonly string[] | undefined) => (names && names.length > 0 ? array(names.map(jsonString)) : undefined)
  const text = (value: string | undefined) => (value ? jsonString(value) : undefined)
  const dependent = [...(keywords.dependentRequired ?? [])].map(([key, names]) => [key, array(names.map(jsonString))] as const)
  return object([
    ['$defs', map(keywords.$defs)],
    ['$ref', text(keywords.$ref)],
    ['anyOf', list(keywords.anyOf)],
    ['oneOf', list(keywords.oneOf)],
    ['prefixItems', list(keywords.prefixItems)],
    ['items', keywords.items && schemaText(keywords.items)],
    ['additionalProperties', keywords.additionalProperties && schemaText(keywords.additionalProperties)],
    ['properties', map(keywords.properties)],
    ['type', jsonString(keywords.type ?? '')],
    ['const', keywords.const === undefined ? undefined : writeJson(keywords.const)],
    ['enum', keywords.enum && keywords.enum.length > 0 ? writeJson(keywords.enum) : undefined],
    ...Object.entries(keywords.numbers ?? {}).map(([key, number]) => [key, number.text] as const),
    ['pattern', text(keywords.pattern)],
    ['uniqueItems', keywords.uniqueItems ? 'true' : undefined],
    ['required', texts(keywords.required)],
    ['dependentRequired', entries(dependent)],
    ['title', text(keywords.title)],
    ['description', text(keywords.description)],
    ['default', keywords.default === undefined ? undefined : writeJson(keywords.default)],
    ['deprecated', keywords.deprecated ? 'true' : undefined],
    ['examples', keywords.examples && keywords.examples.length > 0 ? writeJson(keywords.examples) : undefined],
    ['secret', keywords.secret ? 'true' : undefined],
    ['rotateOnly', texts(keywords.rotateOnly)],
  ])
}
