import { type Pattern, compilePattern } from '@headgate/model/pattern'
import { quote } from '../text/quote.ts'
import { parseDecimal, type Decimal } from '../text/number-text.ts'
import { SchemaFault } from './read-schema.ts'
import { BOUND_DIGITS } from '../limits.ts'
import { COUNT_KEYWORDS, type CountKeyword, NUMBER_KEYWORDS, type NumberKeyword, Schema, type SchemaKeywords } from './schema.ts'

type At = readonly (string | number)[]
type Writable<T> = { -readonly [K in keyof T]: T[K] }

const MAX_COUNT = 2n ** 64n - 1n

/**
 * A copy of a schema that values can be validated against: references looked up, numbers and patterns read, and what
 * only rotation needs marked all the way down.
 *
 * @throws {SchemaFault} for a schema that means nothing, among them one whose `$ref` leads back to itself
 */
export function compileSchema(schema: Schema): Schema {
  if (schema.always || schema.never) return schema
  return new Compiler(schema).compile()
}

class Compiler {
  readonly #root: Schema
  readonly #copies = new Map<Schema, Schema>()
  readonly #rotating = new Map<Schema, Schema>()
  /** Places of schemas, so that a fault in one that is only reached through a reference can be located. */
  readonly #places = new Map<Schema, At>()

  constructor(root: Schema) {
    this.#root = root
  }

  compile(): Schema {
    this.#findPlaces(this.#root, [])
    const compiled = this.#compiled(this.#root, false)
    this.#refuseLoops()
    return compiled
  }

  #findPlaces(schema: Schema, at: At): void {
    if (this.#places.has(schema) || schema.always || schema.never) return
    this.#places.set(schema, at)
    for (const [key, child] of childrenOf(schema.keywords)) this.#findPlaces(child, [...at, ...key])
  }

  /** A fault at its keyword. The faults the reference knows too stand at the schema as a whole, as there. */
  #faultAt(message: string, schema: Schema, keyword: string): never {
    throw new SchemaFault(message, [...(this.#places.get(schema) ?? []), keyword])
  }

  #fault(message: string): never {
    throw new SchemaFault(message)
  }

  #resolve(schema: Schema): Schema | undefined {
    const ref = schema.keywords.$ref
    if (!ref) return undefined
    const name = ref.startsWith(DEFS) ? ref.slice(DEFS.length) : undefined
    if (name === undefined || name.includes('/')) {
      return this.#fault('only fragment references of the form #/$defs/ref are supported')
    }
    const escape = /%(?![0-9a-fA-F]{2}).{0,2}/su.exec(name)
    if (escape) return this.#fault(`invalid URL escape ${quote(escape[0])}`)
    return this.#root.keywords.$defs?.get(unescaped(name)) ?? this.#fault(`unknown subschema ${ref}`)
  }

  /** A schema that applies itself to the same value would never come to an answer. */
  #refuseLoops(): void {
    const open = new Set<Schema>()
    const closed = new Set<Schema>()
    const visit = (schema: Schema): void => {
      if (closed.has(schema)) return
      if (open.has(schema)) this.#refuseLoop(schema)
      open.add(schema)
      const { anyOf = [], oneOf = [] } = schema.keywords
      for (const next of [this.#resolve(schema), ...anyOf, ...oneOf]) if (next) visit(next)
      closed.add(schema)
    }
    for (const schema of [...this.#copies.keys(), ...this.#rotating.keys()]) visit(schema)
  }

  #refuseLoop(schema: Schema): never {
    const { $ref, anyOf } = schema.keywords
    if ($ref) return this.#faultAt(`$ref ${$ref} leads back to itself`, schema, '$ref')
    return this.#faultAt('the schema leads back to itself', schema, anyOf ? 'anyOf' : 'oneOf')
  }

  #compiled(schema: Schema, rotateOnly: boolean): Schema {
    if (schema.always || schema.never) return rotateOnly ? (schema.always ? ROTATE_ALWAYS : ROTATE_NEVER) : schema
    const known = (rotateOnly ? this.#rotating : this.#copies).get(schema)
    if (known) return known
    const keywords: Writable<SchemaKeywords> = { ...schema.keywords }
    const copy = new Schema('keywords', keywords, rotateOnly || schema.rotateOnlyValue)
    ;(rotateOnly ? this.#rotating : this.#copies).set(schema, copy)
    // In this order, which decides what of several faults is reported.
    const target = this.#resolve(schema)
    const ref = target && this.#compiled(target, rotateOnly)
    this.#copyChildren(schema, keywords, rotateOnly)
    const bounds = this.#bounds(schema)
    const lengths = this.#counts(schema, LENGTHS)
    const pattern = this.#pattern(schema)
    const counts = { ...lengths, ...this.#counts(schema, SIZES) }
    copy.compiled = { ...(ref ? { ref } : {}), ...(pattern ? { pattern } : {}), bounds, counts }
    return copy
  }

  #copyChildren(schema: Schema, keywords: Writable<SchemaKeywords>, rotateOnly: boolean): void {
    const { anyOf, oneOf, prefixItems, items, additionalProperties, properties, rotateOnly: marked = [] } = schema.keywords
    if (anyOf) keywords.anyOf = anyOf.map((child) => this.#compiled(child, rotateOnly))
    if (oneOf) keywords.oneOf = oneOf.map((child) => this.#compiled(child, rotateOnly))
    if (prefixItems) keywords.prefixItems = prefixItems.map((child) => this.#compiled(child, rotateOnly))
    if (items) keywords.items = this.#compiled(items, rotateOnly)
    if (additionalProperties) keywords.additionalProperties = this.#compiled(additionalProperties, rotateOnly)
    if (!properties) return
    const copies = new Map<string, Schema>()
    for (const [name, child] of properties) copies.set(name, this.#compiled(child, rotateOnly || marked.includes(name)))
    keywords.properties = copies
    if (rotateOnly) keywords.rotateOnly = [...properties.keys()]
  }

  #bounds(schema: Schema): Partial<Record<NumberKeyword, Decimal>> {
    const bounds: Partial<Record<NumberKeyword, Decimal>> = {}
    const { numbers = {} } = schema.keywords
    for (const key of NUMBER_KEYWORDS) {
      const text = numbers[key]?.text
      if (text === undefined) continue
      const decimal = parseDecimal(text)
      if ('fault' in decimal) return this.#fault(decimal.fault)
      if (decimal.digits > BOUND_DIGITS) return this.#faultAt(`${key} has more than ${BOUND_DIGITS} digits`, schema, key)
      if (key === 'multipleOf' && decimal.mantissa === 0n) return this.#faultAt('multipleOf must not be zero', schema, key)
      bounds[key] = decimal
    }
    return bounds
  }

  #counts(schema: Schema, keys: readonly CountKeyword[]): Partial<Record<CountKeyword, bigint>> {
    const counts: Partial<Record<CountKeyword, bigint>> = {}
    const { numbers = {} } = schema.keywords
    for (const key of keys) {
      const text = numbers[key]?.text
      if (text === undefined) continue
      const invalid = !/^[0-9]+$/.test(text)
      if (invalid) return this.#fault(`strconv.ParseUint: parsing "${text}": invalid syntax`)
      const count = BigInt(text)
      if (count > MAX_COUNT) return this.#fault(`strconv.ParseUint: parsing "${text}": value out of range`)
      counts[key] = count
    }
    return counts
  }

  #pattern(schema: Schema): Pattern | undefined {
    const { pattern } = schema.keywords
    if (!pattern) return undefined
    const compiled = compilePattern(pattern)
    return compiled.ok ? compiled.value : this.#fault(String(compiled.problem.details['reason']))
  }
}

const DEFS = '#/$defs/'
const LENGTHS: readonly CountKeyword[] = ['maxLength', 'minLength']
const SIZES = COUNT_KEYWORDS.filter((key) => !LENGTHS.includes(key))
const ROTATE_ALWAYS = new Schema('always', {}, true)
const ROTATE_NEVER = new Schema('never', {}, true)

/** A name without its URL escapes; one that is no UTF-8 then names nothing. */
function unescaped(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** The schemas inside a schema, each with the keys that lead to it. */
function* childrenOf(keywords: SchemaKeywords): Generator<[At, Schema]> {
  for (const key of ['$defs', 'properties'] as const) for (const [name, child] of keywords[key] ?? []) yield [[key, name], child]
  for (const key of ['anyOf', 'oneOf', 'prefixItems'] as const)
    for (const [i, child] of (keywords[key] ?? []).entries()) yield [[key, i], child]
  for (const key of ['items', 'additionalProperties'] as const) if (keywords[key]) yield [[key], keywords[key]]
}
