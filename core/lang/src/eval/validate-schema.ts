import type { Schema } from '../schema/schema.ts'
import { type Location, type Validator, elementLocation, propertyLocation } from './validate.ts'

/**
 * Whether everything a schema describes fits another one: how values that are not known yet are checked. Constants,
 * enumerations and bounds are not compared.
 */
export function validateSchema(validator: Validator, given: Schema | undefined, accept: Schema | undefined, location: Location): boolean {
  return new Comparison(validator).compare(given, accept, location)
}

class Comparison {
  readonly #validator: Validator
  /** Pairs being compared: schemas may contain themselves. */
  readonly #open = new Map<Schema, Set<Schema>>()

  constructor(validator: Validator) {
    this.#validator = validator
  }

  compare(given: Schema | undefined, accept: Schema | undefined, location: Location, validator = this.#validator): boolean {
    if (!accept || accept.always) return true
    if (!validator.step(location)) return false
    // Where nothing is given, nothing is refused.
    if (accept.never && given?.never) return false
    if (accept.never) return validator.fail(location, 'no value is allowed here')
    if (!given || given.always) return true
    if (given.never) return validator.fail(location, 'there is no value here')
    const open = this.#open.get(given) ?? new Set()
    if (open.has(accept)) return true
    this.#open.set(given, open.add(accept))
    const fits = this.#compareParts(given, accept, location, validator)
    open.delete(accept)
    return fits
  }

  #compareParts(given: Schema, accept: Schema, location: Location, validator: Validator): boolean {
    const fits = [
      !accept.compiled.ref || this.compare(given, accept.compiled.ref, location, validator),
      !given.compiled.ref || this.compare(given.compiled.ref, accept, location, validator),
      this.#some(given.keywords.anyOf, (member, branch) => this.compare(member, accept, location, branch), location, validator),
      this.#some(given.keywords.oneOf, (member, branch) => this.compare(member, accept, location, branch), location, validator),
      given.type === '' ||
        accept.type === '' ||
        given.type === accept.type ||
        validator.fail(location, `expected ${accept.type}, got ${given.type}`),
      this.#some(accept.keywords.anyOf, (member, branch) => this.compare(given, member, location, branch), location, validator),
      this.#some(accept.keywords.oneOf, (member, branch) => this.compare(given, member, location, branch), location, validator),
      given.type === 'array' ? this.#arrays(given, accept, location, validator) : true,
      given.type === 'object' ? this.#objects(given, accept, location, validator) : true,
    ]
    return !fits.includes(false)
  }

  #some(
    members: readonly Schema[] | undefined,
    fits: (member: Schema, branch: Validator) => boolean,
    location: Location,
    validator: Validator,
  ): boolean {
    if (!members || members.length === 0) return true
    const branches: Validator[] = []
    let matched = false
    for (const member of members) {
      const branch = validator.branch()
      if (fits(member, branch)) matched = true
      branches.push(branch)
    }
    if (matched) return true
    for (const branch of branches) validator.take(branch.found)
    return validator.fail(location, 'at least one subschema must match')
  }

  #arrays(given: Schema, accept: Schema, location: Location, validator: Validator): boolean {
    const givenPrefix = given.keywords.prefixItems ?? []
    const acceptPrefix = accept.keywords.prefixItems ?? []
    let all = true
    for (let i = 0; i < Math.max(givenPrefix.length, acceptPrefix.length); i++) {
      const left = givenPrefix[i] ?? given.keywords.items
      const right = acceptPrefix[i] ?? accept.keywords.items
      // A tuple that ends here has no such element to judge.
      if (i >= givenPrefix.length && left?.never) continue
      // As for values: what a tuple has no place for is refused without a word.
      if (i >= acceptPrefix.length && right?.never) all = false
      else if (!this.compare(left, right, elementLocation(location, i), validator)) all = false
    }
    const { items } = given.keywords
    if (items && !items.never && !this.compare(items, accept.keywords.items, location, validator)) all = false
    return all
  }

  #objects(given: Schema, accept: Schema, location: Location, validator: Validator): boolean {
    let all = true
    for (const [key, schema] of given.keywords.properties ?? []) {
      const accepted = accept.keywords.properties?.get(key) ?? accept.keywords.additionalProperties
      if (!this.compare(schema, accepted, propertyLocation(location, key), validator)) all = false
    }
    const { additionalProperties } = given.keywords
    if (!additionalProperties) return this.#required(given, accept, location, validator) && all
    if (additionalProperties.never) return all
    return this.compare(additionalProperties, accept.keywords.additionalProperties, location, validator) && all
  }

  #required(given: Schema, accept: Schema, location: Location, validator: Validator): boolean {
    const present = new Set(given.keywords.required)
    const names = [...(accept.keywords.required ?? [])]
    for (const [key, dependents] of accept.keywords.dependentRequired ?? []) {
      if (present.has(key)) for (const name of dependents) names.push(name)
    }
    let all = true
    for (const name of names) if (!present.has(name)) all = validator.fail(propertyLocation(location, name), 'missing required property')
    return all
  }
}
