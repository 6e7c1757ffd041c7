import type { Pattern } from '@headgate/model/pattern'
import type { Json } from '../text/json.ts'
import { compareBytes } from '../yaml/bytes.ts'
import type { Decimal, NumberText } from '../text/number-text.ts'

export type SchemaType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** The keywords with a number. */
export const NUMBER_KEYWORDS = ['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum'] as const
/** The keywords with a count. */
export const COUNT_KEYWORDS = ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'] as const

export type NumberKeyword = (typeof NUMBER_KEYWORDS)[number]
export type CountKeyword = (typeof COUNT_KEYWORDS)[number]

/** What a schema may say; see the language's reference for which of it is enforced. */
export interface SchemaKeywords {
  $defs?: ReadonlyMap<string, Schema>
  $ref?: string
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  prefixItems?: readonly Schema[]
  items?: Schema
  additionalProperties?: Schema
  properties?: ReadonlyMap<string, Schema>
  /** Any text: one that names no kind matches nothing. Absent or empty for any kind. */
  type?: SchemaType | (string & {})
  const?: Json
  enum?: readonly Json[]
  pattern?: string
  uniqueItems?: boolean
  required?: readonly string[]
  dependentRequired?: ReadonlyMap<string, readonly string[]>
  title?: string
  description?: string
  default?: Json
  deprecated?: boolean
  examples?: readonly Json[]
  secret?: boolean
  rotateOnly?: readonly string[]
  numbers?: Readonly<Partial<Record<NumberKeyword | CountKeyword, NumberText>>>
}

/** What compiling adds to a schema: its references looked up and its bounds read. */
export interface CompiledParts {
  readonly ref?: Schema
  readonly pattern?: Pattern
  readonly bounds: Readonly<Partial<Record<NumberKeyword, Decimal>>>
  readonly counts: Readonly<Partial<Record<CountKeyword, bigint>>>
}

const NOTHING: CompiledParts = { bounds: {}, counts: {} }
const NO_KEYWORDS: SchemaKeywords = {}

/**
 * A schema: `true` (anything), `false` (nothing) or keywords. Immutable, but for what compiling fills in once.
 */
export class Schema {
  readonly always: boolean
  readonly never: boolean
  readonly keywords: SchemaKeywords
  /** Values under this schema are only needed to rotate a secret. */
  readonly rotateOnlyValue: boolean
  compiled: CompiledParts = NOTHING

  constructor(kind: 'always' | 'never' | 'keywords', keywords: SchemaKeywords = NO_KEYWORDS, rotateOnlyValue = false) {
    this.always = kind === 'always'
    this.never = kind === 'never'
    this.keywords = keywords
    this.rotateOnlyValue = rotateOnlyValue
  }

  get type(): string {
    return this.keywords.type ?? ''
  }

  /** The schema of a property of what this schema describes; `false` where there can be none. */
  property(name: string): Schema {
    return this.#member((schema) => schema.property(name), this.#ownProperty(name))
  }

  /** The schema of an element of what this schema describes; `false` where there can be none. */
  item(index: number): Schema {
    return this.#member((schema) => schema.item(index), this.#ownItem(index))
  }

  #ownProperty(name: string): Schema | undefined {
    if (this.type !== 'object') return NEVER
    return this.keywords.properties?.get(name) ?? this.keywords.additionalProperties
  }

  #ownItem(index: number): Schema | undefined {
    if (this.type !== 'array') return NEVER
    return this.keywords.prefixItems?.[index] ?? this.keywords.items
  }

  #member(select: (schema: Schema) => Schema, own: Schema | undefined): Schema {
    const { anyOf, oneOf } = this.keywords
    if (!anyOf && !oneOf) return own ?? NEVER
    return union([...(anyOf ?? []).map(select), ...(oneOf ?? []).map(select), own])
  }
}

export const ALWAYS = new Schema('always')
export const NEVER = new Schema('never')
export const NULL = new Schema('keywords', { type: 'null' })
export const STRING = new Schema('keywords', { type: 'string' })
export const ANY_NUMBER = new Schema('keywords', { type: 'number' })
export const ANY_ARRAY = new Schema('keywords', { type: 'array', items: ALWAYS })
export const ARRAY_OF_ARRAYS = new Schema('keywords', { type: 'array', items: ANY_ARRAY })
export const ARRAY_OF_STRINGS = new Schema('keywords', { type: 'array', items: STRING })

export function constant(type: 'boolean' | 'number' | 'string', value: Json): Schema {
  return new Schema('keywords', { type, const: value })
}

export function tuple(items: readonly Schema[]): Schema {
  return new Schema('keywords', items.length === 0 ? { type: 'array', items: NEVER } : { type: 'array', prefixItems: items, items: NEVER })
}

export function record(properties: ReadonlyMap<string, Schema>, additionalProperties?: Schema): Schema {
  const additional = additionalProperties ? { additionalProperties } : {}
  if (properties.size === 0) return new Schema('keywords', { type: 'object', ...additional })
  return new Schema('keywords', { type: 'object', properties, required: [...properties.keys()].toSorted(compareBytes), ...additional })
}

export function oneOf(schemas: readonly Schema[], rotateOnlyValue = false): Schema {
  return new Schema('keywords', { oneOf: schemas }, rotateOnlyValue)
}

function union(schemas: readonly (Schema | undefined)[]): Schema {
  const members = schemas.filter((schema): schema is Schema => schema !== undefined && !schema.never)
  if (members.length === 0) return NEVER
  if (members.length === 1) return members[0] as Schema
  return oneOf(
    members,
    members.every((schema) => schema.rotateOnlyValue),
  )
}

/** The schema of an object laid over another: the union of both, everything required. Of two other kinds the upper one. */
export function mergedSchema(base: Schema | undefined, top: Schema): Schema {
  if (!base || top.type !== 'object' || base.type !== 'object') return top
  const properties = new Map(base.keywords.properties)
  for (const [key, schema] of top.keywords.properties ?? []) properties.set(key, mergedSchema(properties.get(key), schema))
  const below = base.keywords.additionalProperties
  const above = top.keywords.additionalProperties
  return record(properties, below && above ? ALWAYS : (above ?? below))
}
