import { type Diagnostic, REDACTED } from '@headgate/model'
import { diagnosticAt, plainDiagnostic } from '../diagnostics.ts'
import type { NumberKeyword, Schema } from '../schema/schema.ts'
import { NumberText, compareDecimals, isMultiple, parseDecimal } from '../text/number-text.ts'
import { quote } from '../text/quote.ts'
import { byteLength } from '../yaml/bytes.ts'
import { joinKey } from '../yaml/document-path.ts'
import type { Expr } from './expression-state.ts'
import { equalsJson, expectedText, membersOf, scalarKey } from './equal-json.ts'
import { validateSchema } from './validate-schema.ts'
import type { Value } from './value.ts'

export interface Verdict {
  readonly fits: boolean
  readonly found: readonly Diagnostic[]
  /** What finding out took, in values looked at. */
  readonly cost: number
}

/** Where a mistake is blamed: an expression, and the path from what it made to the part that is wrong. */
export interface Location {
  readonly x: Expr
  readonly path: string
  /** Whether the path has to be told, because the expression is not the wrong part itself. */
  readonly prefixed: boolean
}

/** Steps one validation may take, and how many more for each part of the value: schemas can be made to ask for exponentially many. */
const STEP_LIMIT = 100_000
const STEPS_PER_PART = 50

/** Steps that count as much as making one value does. */
const STEPS_PER_COST = 4

/** Mistakes one validation tells; branches of `anyOf` can make exponentially many. */
const FOUND_LIMIT = 500

/** Characters of all their messages: each may quote a whole schema. */
const MESSAGE_LIMIT = 1024 * 1024

/** Collects what one validation finds. */
export class Validator {
  readonly found: Diagnostic[]
  #characters = 0
  readonly #steps: { left: number; readonly limit: number }
  /** The schema holds secrets: messages must not quote from it. */
  readonly secretSchema: boolean

  constructor(secretSchema: boolean, steps: { left: number; readonly limit: number }) {
    this.found = []
    this.secretSchema = secretSchema
    this.#steps = steps
  }

  /** Another one of the same validation whose findings may be thrown away. */
  branch(): Validator {
    return new Validator(this.secretSchema, this.#steps)
  }

  /** Counts steps; false when there were too many, which is told once. */
  step(location: Location, count = 1): boolean {
    const { left } = this.#steps
    this.#steps.left -= count
    if (left >= count) return true
    if (left >= 0) this.fail(location, `validation takes more than ${this.#steps.limit} steps`)
    this.#steps.left = -1
    return false
  }

  fail(location: Location, message: string): false {
    const text = location.prefixed ? `${location.path}: ${message}` : message
    const { node } = location.x
    this.take([node ? diagnosticAt('LANG_SCHEMA', text, node) : plainDiagnostic('LANG_SCHEMA', text)])
    return false
  }

  /** Takes over what branches found. */
  take(found: readonly Diagnostic[]): void {
    for (const diagnostic of found) {
      if (this.found.length >= FOUND_LIMIT || this.#characters > MESSAGE_LIMIT) return
      this.#characters += diagnostic.message.length
      this.found.push(diagnostic)
    }
  }

  /** A part of the schema as messages show it. */
  show(text: string): string {
    return this.secretSchema ? REDACTED : text
  }
}

/** Whether a value fits a schema, with everything that does not. Unknown parts are judged by their schemas. */
export function validate(value: Value, schema: Schema, secretSchema = false): Verdict {
  if (schema.always) return FITS
  const limit = STEP_LIMIT + STEPS_PER_PART * value.bound
  const steps = { left: limit, limit }
  const validator = new Validator(secretSchema, steps)
  const fits = validateElement(validator, value, schema, locationOf(value))
  return { fits, found: validator.found, cost: Math.ceil((limit - steps.left) / STEPS_PER_COST) }
}

const FITS: Verdict = { fits: true, found: [], cost: 0 }

function locationOf(value: Value): Location {
  return { x: value.def, path: '', prefixed: false }
}

export function elementLocation({ x, path }: Location, index: number): Location {
  const element = x.kind === 'array' ? x.elements?.[index] : undefined
  if (element) return { x: element, path: `[${index}]`, prefixed: false }
  return { x, path: `${path}[${index}]`, prefixed: true }
}

export function propertyLocation({ x, path }: Location, key: string): Location {
  const property = x.kind === 'object' ? x.properties?.get(key) : undefined
  if (property) return { x: property, path: joinKey('', key), prefixed: false }
  return { x, path: joinKey(path, key), prefixed: true }
}

function validateElement(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  if (schema.always) return true
  if (!validator.step(location)) return false
  // What is missing was reported when the document was read.
  if (schema.never) return value.def.kind !== 'missing' && validator.fail(location, 'no value is allowed here')
  if (value.unknown) return validateSchema(validator, value.schema, schema, location)
  const { ref } = schema.compiled
  const fits = [
    ref === undefined || validateElement(validator, value, ref, location),
    validateAnyOf(validator, value, schema, location),
    validateOneOf(validator, value, schema, location),
    validateConst(validator, value, schema, location),
    validateEnum(validator, value, schema, location),
    validateKind(validator, value, schema, location),
  ]
  return !fits.includes(false)
}

function validateAnyOf(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  const { anyOf } = schema.keywords
  if (!anyOf || anyOf.length === 0) return true
  const branches = anyOf.map((member) => {
    const branch = validator.branch()
    return { fits: validateElement(branch, value, member, location), found: branch.found }
  })
  if (branches.some(({ fits }) => fits)) return true
  for (const { found } of branches) validator.take(found)
  return validator.fail(location, 'at least one subschema must match')
}

function validateOneOf(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  const { oneOf } = schema.keywords
  if (!oneOf || oneOf.length === 0) return true
  let matched = false
  const found: Diagnostic[] = []
  for (const member of oneOf) {
    const branch = validator.branch()
    if (validateElement(branch, value, member, location)) {
      if (matched) return validator.fail(location, 'exactly one subschema may match')
      matched = true
    }
    if (found.length < FOUND_LIMIT) found.push(...branch.found)
  }
  if (matched) return true
  validator.take(found)
  return validator.fail(location, 'exactly one subschema must match')
}

function validateConst(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  const expected = schema.keywords.const
  if (expected === undefined || equalsJson(validator, value, expected, location)) return true
  return validator.fail(location, `expected ${validator.show(expectedText(schema, 'const'))}`)
}

function validateEnum(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  const expected = schema.keywords.enum
  if (!expected || expected.length === 0) return true
  const { scalars, others } = membersOf(schema, expected)
  const scalar = scalarKey(value.repr)
  if (scalar !== undefined ? scalars.has(scalar) : others.some((member) => equalsJson(validator, value, member, location))) return true
  return validator.fail(location, `expected ${expected.length === 1 ? '' : 'one of '}${validator.show(expectedText(schema, 'enum'))}`)
}

function validateKind(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  const kind = kindOf(value)
  if (schema.type !== '' && schema.type !== kind) return validator.fail(location, `expected ${schema.type}, got ${kind}`)
  switch (kind) {
    case 'number':
      return validateNumber(validator, (value.repr as NumberText).text, schema, location)
    case 'string':
      return validateString(validator, value.repr as string, schema, location)
    case 'array':
      return validateArray(validator, value.repr as readonly Value[], schema, location)
    case 'object':
      return validateObject(validator, value, schema, location)
    default:
      return true
  }
}

function kindOf({ repr }: Value): string {
  if (repr === null) return 'null'
  if (typeof repr !== 'object') return typeof repr
  if (repr instanceof NumberText) return 'number'
  return Array.isArray(repr) ? 'array' : 'object'
}

const PLAIN_NUMBER = /^-?[0-9]+(?:\.[0-9]+)?$/

function validateNumber(validator: Validator, text: string, schema: Schema, location: Location): boolean {
  const { numbers } = schema.keywords
  // Whatever the schema says, a number must be one.
  if (!numbers && PLAIN_NUMBER.test(text)) return true
  const { multipleOf, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema.compiled.bounds
  const number = parseDecimal(text)
  if ('fault' in number) return validator.fail(location, `internal error: invalid number ${quote(text)} (${number.fault})`)
  const show = (keyword: NumberKeyword) => validator.show(numbers?.[keyword]?.text ?? '')
  let fits = true
  if (multipleOf && !isMultiple(number, multipleOf)) fits = validator.fail(location, `expected a multiple of ${show('multipleOf')}`)
  if (minimum && compareDecimals(number, minimum) < 0) {
    fits = validator.fail(location, `expected a number greater than or equal to ${show('minimum')}`)
  }
  if (exclusiveMinimum && compareDecimals(number, exclusiveMinimum) <= 0) {
    fits = validator.fail(location, `expected a number greater than ${show('exclusiveMinimum')}`)
  }
  if (maximum && compareDecimals(number, maximum) > 0) {
    // The missing blank is the reference's, and pinned.
    fits = validator.fail(location, `expected a number less than or equal to${show('maximum')}`)
  }
  if (exclusiveMaximum && compareDecimals(number, exclusiveMaximum) >= 0) {
    fits = validator.fail(location, `expected a number less than ${show('exclusiveMaximum')}`)
  }
  return fits
}

/** Length against the two counts a kind of value may have. */
function validateCount(
  validator: Validator,
  schema: Schema,
  location: Location,
  count: number,
  least: 'minLength' | 'minItems' | 'minProperties',
  most: 'maxLength' | 'maxItems' | 'maxProperties',
  message: (bound: string, text: string) => string,
): boolean {
  const { counts } = schema.compiled
  const { numbers = {} } = schema.keywords
  const lower = counts[least]
  const upper = counts[most]
  let fits = true
  if (lower !== undefined && BigInt(count) < lower)
    fits = validator.fail(location, message('least', validator.show(numbers[least]?.text ?? '')))
  if (upper !== undefined && BigInt(count) > upper)
    fits = validator.fail(location, message('most', validator.show(numbers[most]?.text ?? '')))
  return fits
}

function validateString(validator: Validator, text: string, schema: Schema, location: Location): boolean {
  const length = byteLength(text)
  let fits = validateCount(
    validator,
    schema,
    location,
    length,
    'minLength',
    'maxLength',
    (bound, count) => `expected a string of at ${bound} length ${count}`,
  )
  const { pattern } = schema.compiled
  if (pattern && !pattern.test(text))
    fits = validator.fail(location, `string must match the pattern ${validator.show(quote(pattern.source))}`)
  return fits
}

function validateArray(validator: Validator, elements: readonly Value[], schema: Schema, location: Location): boolean {
  let fits = validateCount(
    validator,
    schema,
    location,
    elements.length,
    'minItems',
    'maxItems',
    (bound, count) => `expected an array with at ${bound} ${count} items`,
  )
  const { prefixItems = [], items } = schema.keywords
  for (const [i, element] of elements.entries()) {
    const accepted = prefixItems[i] ?? items
    // An element a tuple has no place for is refused without a word, as the reference does; that is pinned.
    if (accepted?.never && i >= prefixItems.length) fits = false
    else if (accepted && !validateElement(validator, element, accepted, locationOf(element))) fits = false
  }
  return fits
}

function validateObject(validator: Validator, value: Value, schema: Schema, location: Location): boolean {
  const keys = value.keys()
  const { properties, additionalProperties, required = [], dependentRequired } = schema.keywords
  let fits = validateCount(
    validator,
    schema,
    location,
    keys.length,
    'minProperties',
    'maxProperties',
    (bound, count) => `expected an object with at ${bound} ${count} properties`,
  )
  if (!validator.step(location, required.length)) return false
  const present = new Set(keys)
  for (const key of keys) {
    const accepted = properties?.get(key) ?? additionalProperties
    const property = value.property(key) as Value
    if (accepted && !validateElement(validator, property, accepted, locationOf(property))) fits = false
  }
  const missing = required.filter((key) => !present.has(key))
  for (const [key, names] of dependentRequired ?? []) {
    if (present.has(key)) for (const name of names) if (!present.has(name)) missing.push(name)
  }
  if (missing.length > 0) fits = validator.fail(location, `missing required properties: ${validator.show(missing.join(', '))}`)
  return fits
}
