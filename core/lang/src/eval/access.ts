import { diagnosticAt } from '../diagnostics.ts'
import { ALWAYS, type Schema } from '../schema/schema.ts'
import { nearest } from '../text/edit-distance.ts'
import { quote } from '../text/quote.ts'
import { type Accessor, indexText } from '../syntax/expression.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { EnvironmentRun } from './environment-run.ts'
import { evaluate, report } from './evaluate.ts'
import { type Expr, outside } from './expression-state.ts'
import type { Value } from './value.ts'
import { unknownValue } from './value.ts'

/** One reference of an expression while it is followed. */
interface Walk {
  readonly environment: EnvironmentRun
  /** The expression the reference stands in. */
  readonly x: Expr
  readonly accessors: readonly Accessor[]
  /** What each accessor came to. */
  readonly found: (Expr | undefined)[]
}

/**
 * The value a reference names; undefined while something is missing.
 *
 * Literals on the way are walked through without being evaluated, so an object may refer to its own parts.
 *
 * @param part which of the expression's parts the reference belongs to
 */
export function evaluateAccess(environment: EnvironmentRun, x: Expr, part: number, accept: Schema): Value | undefined {
  const { parts } = x
  const accessors = parts[part]?.access as readonly Accessor[]
  // As long as they have to be from the start: lists that grow take room for more.
  const found: (Expr | undefined)[] = accessors.map(() => undefined)
  x.inside ??= parts.map(() => undefined)
  ;(x.accessed as (readonly (Expr | undefined)[] | undefined)[])[part] = found
  const walk: Walk = { environment, x, accessors, found }
  const first = (accessors[0] as Accessor).key
  if (first === 'imports') return enter(walk, environment.imports as Value)
  if (first === 'context') return enter(walk, environment.context)
  if (first === 'environments') return accessEnvironment(walk)
  return accessExpression(walk, accept)
}

function enter(walk: Walk, value: Value): Value {
  walk.found[0] = value.def
  return accessValue(walk, value, 1)
}

/** `${environments.project.name.…}`: an environment that is read without being merged. */
function accessEnvironment(walk: Walk): Value | undefined {
  const { environment, x, accessors } = walk
  if (accessors.length < 3) return invalid(walk, 0)
  const project = keyOf(walk, 1)
  const name = keyOf(walk, 2)
  if (project === undefined || name === undefined) return invalid(walk, 0)
  const outcome = environment.import(x.node as YamlNode, `${project}/${name}`, (found) => report(environment, x, found))
  if (!outcome) return undefined
  const value = outcome === 'failed' ? unknownValue(outside()) : outcome.value
  walk.found[0] = x
  walk.found[1] = x
  walk.found[2] = value.def
  return accessValue(walk, value, 3)
}

function accessExpression(walk: Walk, accept: Schema): Value | undefined {
  const { environment, accessors, found, x } = walk
  let receiver = environment.root as Expr
  for (let i = 0; i < accessors.length; i++) {
    // What is overridden in vain is not there to be read.
    if (receiver.base?.final && receiver.kind !== 'root') return accessEvaluated(walk, receiver, i, accept)
    while (receiver.kind === 'call' && receiver.call.builtin === 'secret' && receiver.inputs?.has('plaintext')) {
      receiver = receiver.inputs.get('plaintext') as Expr
    }
    if (receiver.kind === 'array') {
      const index = indexOf(walk, i, receiver.elements?.length ?? 0)
      if (index === undefined) return invalid(walk, i)
      receiver = receiver.elements?.[index] as Expr
    } else if (receiver.kind === 'object' || receiver.kind === 'root') {
      const key = keyOf(walk, i)
      if (key === undefined) return invalid(walk, i)
      const property = receiver.properties?.get(key)
      if (!property) {
        if (receiver.base?.mayBeObject) return accessValue(walk, receiver.base, i)
        return unknownProperty(walk, i, key, receiver.properties?.keys() ?? [])
      }
      receiver = property
    } else return accessEvaluated(walk, receiver, i, accept)
    found[i] = receiver
  }
  return evaluate(environment, receiver, ALWAYS, x)
}

function accessEvaluated(walk: Walk, receiver: Expr, from: number, accept: Schema): Value | undefined {
  const value = evaluate(walk.environment, receiver, accept, walk.x)
  return value && accessValue(walk, value, from)
}

function accessValue(walk: Walk, start: Value, from: number): Value {
  let receiver = start
  for (let i = from; i < walk.accessors.length; i++) {
    if (receiver.unknown) return accessUnknown(walk, receiver, i)
    let next: Value | undefined
    if (Array.isArray(receiver.repr)) {
      const index = indexOf(walk, i, receiver.repr.length)
      if (index === undefined) return invalid(walk, i)
      next = receiver.repr[index] as Value
    } else if (receiver.isMap) {
      const key = keyOf(walk, i)
      if (key === undefined) return invalid(walk, i)
      const lookedUp = lookUp(walk, receiver, i, key)
      if (lookedUp.value === undefined) return lookedUp.invalid
      next = lookedUp.value
      if (lookedUp.unknown) return accessUnknown(walk, lookedUp.unknown, i)
    } else {
      blame(walk, i, 'receiver must be an array or an object')
      return invalid(walk, i)
    }
    walk.found[i] = next.def
    receiver = next
  }
  return receiver
}

type LookedUp = { value: Value; unknown?: Value; invalid?: never } | { value: undefined; unknown?: never; invalid: Value }

/** A property, own or inherited; suggestions come from the last object on the way down. */
function lookUp(walk: Walk, receiver: Value, at: number, key: string): LookedUp {
  const { layers, tail } = receiver.chain
  if (layers.some((layer) => layer.map.has(key))) return { value: receiver.property(key) as Value }
  if (typeof tail !== 'string' && tail.mayBeObject) return { value: tail, unknown: tail }
  const last = layers[layers.length - 1]
  return {
    value: undefined,
    invalid: unknownProperty(walk, at, key, last?.map.keys() ?? [], receiver.secret && walk.environment.run.discreet),
  }
}

/** Goes on by schema alone. */
function accessUnknown(walk: Walk, start: Value, from: number): Value {
  let schema = start.isOpen ? ALWAYS : start.schema
  let value = start
  for (let i = from; i < walk.accessors.length; i++) {
    const next = unknownMember(walk, schema, i)
    if (!next) return invalid(walk, i)
    schema = next
    value = unknownValue(outside(walk.x.node), schema)
    walk.found[i] = value.def
  }
  return value
}

function unknownMember(walk: Walk, schema: Schema, at: number): Schema | undefined {
  if (schema.always) return schema
  if (schema.type === 'array') {
    const { items, prefixItems = [] } = schema.keywords
    const index = indexOf(walk, at, items?.never ? prefixItems.length : undefined)
    if (index === undefined) return undefined
    // Without `items`, nothing is said about the elements.
    return items || index < prefixItems.length || schema.keywords.anyOf || schema.keywords.oneOf ? schema.item(index) : ALWAYS
  }
  if (schema.type === 'object') {
    const key = keyOf(walk, at)
    return key === undefined ? undefined : declaredProperty(walk, schema, at, key)
  }
  blame(walk, at, 'receiver must be an array or an object')
  return undefined
}

/** What a schema says of a property; of one it does not have, that it is not there. */
function declaredProperty(walk: Walk, schema: Schema, at: number, key: string): Schema | undefined {
  const property = schema.property(key)
  const { properties } = schema.keywords
  if (!property.never || properties?.has(key)) return property
  return blameUnknown(walk, at, key, properties?.keys() ?? [])
}

// --- mistakes -------------------------------------------------------------------------------------------------------

function indexOf(walk: Walk, at: number, length: number | undefined): number | undefined {
  const accessor = walk.accessors[at] as Accessor
  const { key } = accessor
  if (typeof key === 'string') return blame(walk, at, 'cannot access an array element using a property name')
  if (key < 0) return blame(walk, at, 'array indices must not be negative')
  if (length !== undefined && key >= length) {
    return blame(walk, at, `array index ${indexText(accessor)} out-of-bounds for array of length ${length}`)
  }
  return key
}

function keyOf(walk: Walk, at: number): string | undefined {
  const { key } = walk.accessors[at] as Accessor
  return typeof key === 'string' ? key : blame(walk, at, 'cannot access an object property using an integer index')
}

function unknownProperty(walk: Walk, at: number, key: string, candidates: Iterable<string>, secret = false): Value {
  // The keys of a secret object are part of the secret.
  blameUnknown(walk, at, key, secret ? [] : candidates)
  return invalid(walk, at)
}

function blameUnknown(walk: Walk, at: number, key: string, candidates: Iterable<string>): undefined {
  const suggestion = nearest(key, candidates, walk.environment.run.suggestions)
  return blame(walk, at, `unknown property ${quote(key)}${suggestion === undefined ? '' : `; did you mean ${quote(suggestion)}?`}`)
}

function blame(walk: Walk, at: number, message: string): undefined {
  const { environment, x, accessors } = walk
  report(environment, x, [diagnosticAt('LANG_REFERENCE', message, x.node as YamlNode, 'error', (accessors[at] as Accessor).range)])
}

/** Behind a mistake, every accessor comes to an unknown. */
function invalid(walk: Walk, from: number): Value {
  const value = unknownValue(outside(walk.x.node))
  for (let i = from; i < walk.accessors.length; i++) walk.found[i] = value.def
  return value
}
