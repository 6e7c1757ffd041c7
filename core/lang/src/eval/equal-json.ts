import type { Schema } from '../schema/schema.ts'
import { type Json, writeJson } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import type { Location, Validator } from './validate.ts'
import type { Repr, Value } from './value.ts'

/** Whether a value is exactly some JSON; numbers by their text, objects by their inherited entries too. */
export function equalsJson(validator: Validator, value: Value, json: Json, location: Location): boolean {
  const { repr } = value
  if (value.unknown) return false
  if (json === null || typeof json !== 'object') return repr === json
  if (json instanceof NumberText) return repr instanceof NumberText && repr.text === json.text
  if (Array.isArray(json)) {
    if (!Array.isArray(repr) || repr.length !== json.length || !validator.step(location, json.length)) return false
    return json.every((element, i) => equalsJson(validator, repr[i] as Value, element as Json, location))
  }
  const map = json as ReadonlyMap<string, Json>
  const keys = value.keys()
  if (!value.isMap || keys.length !== map.size || !validator.step(location, map.size)) return false
  return keys.every((key) => map.has(key) && equalsJson(validator, value.property(key) as Value, map.get(key) as Json, location))
}

/** The members of an `enum`, so that a scalar is found among any number of them. */
interface Members {
  readonly scalars: ReadonlySet<string>
  readonly others: readonly Json[]
}

const membersOfSchemas = new WeakMap<Schema, Members>()

export function membersOf(schema: Schema, expected: readonly Json[]): Members {
  let known = membersOfSchemas.get(schema)
  if (!known) {
    const scalars = new Set<string>()
    const others: Json[] = []
    for (const member of expected) {
      const key = scalarKey(member)
      if (key === undefined) others.push(member)
      else scalars.add(key)
    }
    membersOfSchemas.set(schema, (known = { scalars, others }))
  }
  return known
}

/** Scalars with the same key are equal; undefined for lists and objects. */
export function scalarKey(scalar: Repr | Json): string | undefined {
  if (typeof scalar === 'string') return `"${scalar}`
  if (scalar instanceof NumberText) return scalar.text
  return scalar === null || typeof scalar === 'boolean' ? String(scalar) : undefined
}

const texts = { const: new WeakMap<Schema, string>(), enum: new WeakMap<Schema, string>() }

/** What a schema's keyword expects, as messages quote it: of a single member of `enum` just that. */
export function expectedText(schema: Schema, keyword: 'const' | 'enum'): string {
  let text = texts[keyword].get(schema)
  if (text === undefined) {
    const { enum: members = [], const: constant = null } = schema.keywords
    text = writeJson(keyword === 'const' ? constant : members.length === 1 ? (members[0] as Json) : members)
    texts[keyword].set(schema, text)
  }
  return text
}
