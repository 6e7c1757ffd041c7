import { ALWAYS, NULL, type Schema, constant, mergedSchema, record, tuple } from '../schema/schema.ts'
import { NumberText } from '../text/number-text.ts'
import { compareBytes } from '../yaml/bytes.ts'
import type { YamlNode } from '../yaml/node.ts'
import { DONE, Expr } from './expression-state.ts'

/** What a value is made of. Own entries of an object only: what it inherits is reached through `property` and `keys`. */
export type Repr = null | boolean | NumberText | string | readonly Value[] | ReadonlyMap<string, Value>

export interface Flags {
  readonly unknown?: boolean
  readonly secret?: boolean
  readonly final?: boolean
}

/** The entries of one object as it was written, and what they are still to be merged with. */
interface Layer {
  readonly map: ReadonlyMap<string, Value>
  /** Innermost first. */
  readonly bases: readonly Value[]
}

/** Where looking for a property ends that no layer has: nothing there, hidden by another kind of value, or in an unknown. */
type Tail = 'end' | 'hidden' | Value

interface Chain {
  readonly layers: readonly Layer[]
  readonly tail: Tail
  /** Whether layers were left out because they stand further up already. */
  readonly shortened: boolean
}

/**
 * The result of an expression.
 *
 * Values never change once they are made. Laying one over another (`mergeValues`) makes a new one that shares
 * everything with its upper part and merges its properties when they are asked for, so sharing is safe and a chain of
 * imports costs what is looked at. An object met twice in a chain (two imports of the same environment) is looked
 * through once: below itself it has nothing to add.
 */
export class Value {
  /** The expression that made it: the place it is blamed on. */
  readonly def: Expr
  readonly repr: Repr
  readonly unknown: boolean
  readonly secret: boolean
  /** Importing environments cannot override it. */
  readonly final: boolean
  /** Only rotation needs it. */
  rotateOnly = false
  /** No fewer values than it is made of, itself included; an object's inherited ones too. */
  readonly bound: number
  /** The schema without the base's part; made from the value itself where absent. */
  readonly #own: Schema | (() => Schema) | undefined
  #base: Value | undefined
  #makeBase: (() => Value) | undefined
  /** Set for objects that were merged; for others it follows from `repr` and `base`. */
  #chain: Chain | undefined
  #schema: Schema | undefined
  #keys: readonly string[] | undefined
  #found: Map<string, Value | undefined> | undefined
  #containsUnknown: boolean | undefined
  #containsSecret: boolean | undefined
  #size: number | undefined

  constructor(def: Expr, repr: Repr, own: Schema | (() => Schema) | undefined, base?: Value, flags: Flags = {}, chain?: Chain, makeBase?: () => Value) {
    this.def = def
    this.repr = repr
    this.#own = own
    this.#base = base
    this.#makeBase = makeBase
    this.#chain = chain
    this.unknown = flags.unknown ?? false
    this.secret = flags.secret ?? false
    this.final = flags.final ?? false
    this.bound = boundOf(repr, base, chain)
  }

  /** What it is laid over. */
  get base(): Value | undefined {
    if (this.#makeBase) {
      this.#base = this.#makeBase()
      this.#makeBase = undefined
    }
    return this.#base
  }

  get isMap(): boolean {
    return this.repr instanceof Map
  }

  /**
   * A property, inherited ones included. Of an unknown, an unknown made up on the spot.
   *
   * @param node what asks for it: the place of what is made up
   */
  property(key: string, node?: YamlNode): Value | undefined {
    if (!this.isMap) return this.unknown ? this.#remember(key, () => unknownProperty(this, key, node)) : undefined
    if (this.#chain) return this.#remember(key, () => fromChain(this.#chain as Chain, key, node))
    let layer: Value | undefined = this
    for (; layer?.isMap && !layer.#chain; layer = layer.#base) {
      const own = (layer.repr as ReadonlyMap<string, Value>).get(key)
      if (own) return own
    }
    return layer?.property(key, node)
  }

  #remember(key: string, find: () => Value | undefined): Value | undefined {
    const known = this.#found?.get(key)
    if (known !== undefined || this.#found?.has(key)) return known
    const found = find()
    ;(this.#found ??= new Map()).set(key, found)
    return found
  }

  /** Whether the object itself has the key, not one it is laid over. */
  hasOwn(key: string): boolean {
    return (this.repr as ReadonlyMap<string, Value>).has(key)
  }

  ownKeys(): Iterable<string> {
    return (this.repr as ReadonlyMap<string, Value>).keys()
  }

  /** Keys in byte order, inherited ones included; none for anything but an object. */
  keys(): readonly string[] {
    if (!this.isMap) return NO_KEYS
    this.#keys ??= this.#allKeys().toSorted(compareBytes)
    return this.#keys
  }

  #allKeys(): string[] {
    const { layers } = this.chain
    if (layers.length === 1) return [...(layers[0] as Layer).map.keys()]
    const keys = new Set<string>()
    for (const { map } of layers) for (const key of map.keys()) keys.add(key)
    return [...keys]
  }

  /** The objects this one is made of, itself first. */
  get chain(): Chain {
    if (this.#chain) return this.#chain
    const layers: Layer[] = []
    let at: Value | undefined = this
    for (; at?.isMap; at = at.#base) {
      if (at.#chain) return { ...at.#chain, layers: [...layers, ...at.#chain.layers] }
      layers.push({ map: at.repr as ReadonlyMap<string, Value>, bases: NO_BASES })
    }
    return { layers, tail: at === undefined ? 'end' : at.unknown ? at : 'hidden', shortened: false }
  }

  get schema(): Schema {
    this.#schema ??= this.#mergedSchema()
    return this.#schema
  }

  #mergedSchema(): Schema {
    if (this.#chain?.shortened) return layeredSchema(this.#chain)
    const own = typeof this.#own === 'function' ? this.#own() : (this.#own ?? exactSchema(this))
    return own.type === 'object' && this.#hasBase ? mergedSchema(this.base?.schema, own) : own
  }

  /** Without working the base out. */
  get #hasBase(): boolean {
    return this.#base !== undefined || this.#makeBase !== undefined
  }

  /** Whether this is or may be an object. */
  get mayBeObject(): boolean {
    if (!this.unknown) return this.isMap
    return this.isOpen || this.schema.type === 'object'
  }

  /** An unknown about which nothing is known, so that nothing can be wrong with accessing it. */
  get isOpen(): boolean {
    if (!this.unknown) return false
    return this.schema.always || (this.def.kind === 'access' && this.schema.never && (this.def.receiver?.isOpen ?? false))
  }

  /** Whether an unknown is somewhere inside. */
  get containsUnknown(): boolean {
    this.#containsUnknown ??= this.unknown || this.children().some((value) => value.containsUnknown)
    return this.#containsUnknown
  }

  /** As `containsUnknown`, but unknowns that only rotation needs count only while rotating. */
  containsObservableUnknown(rotating: boolean): boolean {
    if (this.unknown) return rotating || !this.rotateOnly
    return this.containsUnknown && this.children().some((value) => value.containsObservableUnknown(rotating))
  }

  get containsSecret(): boolean {
    this.#containsSecret ??= this.secret || this.children().some((value) => value.containsSecret)
    return this.#containsSecret
  }

  /** How many values it is made of, itself included, as it would be written out. */
  get size(): number {
    this.#size ??= this.children().reduce((size, value) => size + value.size, 1)
    return this.#size
  }

  /** Elements, or entries in the order of their keys. */
  children(): readonly Value[] {
    if (Array.isArray(this.repr)) return this.repr as readonly Value[]
    return this.isMap ? this.keys().map((key) => this.property(key) as Value) : NO_VALUES
  }

  /** The same value, said to be made by another expression. */
  madeBy(def: Expr): Value {
    const made = new Value(def, this.repr, this.#own, this.#base, this, this.#chain, this.#makeBase)
    made.#schema = this.#schema
    return made
  }

  /** The same content as the result of a call, with flags of its own. */
  rewrapped(def: Expr, flags: Flags): Value {
    return new Value(def, this.repr, this.schema, this.#base, flags, this.#chain, this.#makeBase)
  }

  asSecret(): Value {
    if (this.secret) return this
    const secret = new Value(this.def, this.repr, this.#own, this.#base, { ...this.#flags(), secret: true }, this.#chain, this.#makeBase)
    secret.rotateOnly = this.rotateOnly
    return secret
  }

  #flags(): Flags {
    return { unknown: this.unknown, secret: this.secret, final: this.final }
  }

  /** Laid over another one. */
  over(base: Value): Value {
    // Bases and schemas are worked out when somebody looks: a diamond of imports doubles their number at every level.
    const makeBase = this.#hasBase ? () => mergeValues(this.base as Value, base) : undefined
    const own = this.#hasBase ? () => this.schema : this.#own
    const chain = this.isMap ? stacked(this.chain, base) : undefined
    const merged = new Value(this.def, this.repr, own, makeBase ? undefined : base, this, chain, makeBase)
    merged.rotateOnly = this.rotateOnly
    return merged
  }

  /** As the result of an object literal, whose entries were evaluated over the base's properties already. */
  literalOver(base: Value): Value {
    return new Value(this.def, this.repr, this.#own, base, this)
  }
}

const NO_KEYS: readonly string[] = []
const NO_BASES: readonly Value[] = []
const NO_VALUES: readonly Value[] = []

function boundOf(repr: Repr, base: Value | undefined, chain: Chain | undefined): number {
  if (repr === null || typeof repr !== 'object' || repr instanceof NumberText) return 1
  let bound = base?.isMap && !chain ? base.bound : 1
  const groups = chain ? chain.layers.map((layer) => layer.map.values()) : [(repr as ReadonlyMap<string, Value>).values()]
  for (const values of groups) for (const value of values) bound += value.bound
  return bound
}

/** The layers of an object with another value below them. */
function stacked(upper: Chain, base: Value): Chain {
  if (upper.tail === 'hidden') return upper
  if (upper.tail !== 'end') {
    const tail = mergeValues(upper.tail, base)
    return { ...upper, layers: upper.layers.map((layer) => ({ map: layer.map, bases: [...layer.bases, tail] })), tail }
  }
  const layers = upper.layers.map((layer) => ({ map: layer.map, bases: [...layer.bases, base] }))
  if (!base.isMap) return { layers, tail: base.unknown ? base : 'hidden', shortened: upper.shortened }
  const seen = new Set(upper.layers.map((layer) => layer.map))
  const lower = base.chain
  const added = lower.layers.filter((layer) => !seen.has(layer.map))
  const shortened = upper.shortened || lower.shortened || added.length < lower.layers.length
  return { layers: [...layers, ...added], tail: lower.tail, shortened }
}

/** The schema of an object from its layers, the lowest first. */
function layeredSchema({ layers, tail }: Chain): Schema {
  let schema = typeof tail === 'string' ? undefined : tail.schema
  for (const { map } of layers.toReversed()) {
    const properties = new Map<string, Schema>()
    for (const [key, value] of map) properties.set(key, value.schema)
    schema = mergedSchema(schema, record(properties))
  }
  return schema ?? ALWAYS
}

function fromChain(chain: Chain, key: string, node: YamlNode | undefined): Value | undefined {
  for (const layer of chain.layers) {
    let value = layer.map.get(key)
    if (!value) continue
    for (const base of layer.bases) {
      const below = base.property(key, value.def.node)
      if (below) value = mergeValues(value, below)
    }
    return value
  }
  return typeof chain.tail === 'string' ? undefined : chain.tail.property(key, node)
}

/** Lays a value over another: objects merge, everything else replaces. What is final below stays as it is. */
export function mergeValues(top: Value, base: Value | undefined): Value {
  if (!base) return top
  if (isHeld(top, base)) return base
  return top.over(base)
}

/** Whether laying a value over another one would change something final. */
export function overridesFinal(top: Value, base: Value | undefined): boolean {
  if (!base) return false
  if (isHeld(top, base)) return true
  if (!top.isMap || !base.isMap) return false
  for (const key of top.ownKeys()) if (overridesFinal(top.property(key) as Value, base.property(key))) return true
  return false
}

/** Whether something final keeps a value from being laid over it; the same final value met again (two ways to one import) does not. */
function isHeld(top: Value, base: Value): boolean {
  return base.final ? top.def !== base.def : hidesFinal(top, base)
}

/** Whether a value that is no object would take away an object with something final in it. */
function hidesFinal(top: Value, base: Value): boolean {
  return !top.isMap && !top.unknown && base.isMap && containsFinal(base)
}

function containsFinal(value: Value): boolean {
  if (value.final) return true
  return value.isMap && value.keys().some((key) => containsFinal(value.property(key) as Value))
}

function unknownProperty(receiver: Value, key: string, node: YamlNode | undefined): Value {
  const schema = receiver.schema.property(key)
  const base = receiver.base?.property(key, node)
  const def = new Expr('access', undefined, node ?? receiver.def.node, schema, base)
  def.receiver = receiver
  def.accessedKey = key
  def.state = DONE
  return new Value(def, null, schema, base, { unknown: true })
}

/** The schema that describes exactly this value. */
function exactSchema(value: Value): Schema {
  const { repr } = value
  if (repr === null) return NULL
  if (typeof repr === 'boolean') return constant('boolean', repr)
  if (typeof repr === 'string') return constant('string', repr)
  if (repr instanceof NumberText) return constant('number', repr)
  if (Array.isArray(repr)) return tuple((repr as readonly Value[]).map((element) => element.schema))
  const properties = new Map<string, Schema>()
  for (const key of value.ownKeys()) properties.set(key, (value.property(key) as Value).schema)
  return record(properties)
}

/** An unknown about which nothing more is said. */
export function unknownValue(def: Expr, schema: Schema = ALWAYS, flags: { readonly secret?: boolean } = {}): Value {
  return new Value(def, null, schema, undefined, { unknown: true, ...flags })
}
