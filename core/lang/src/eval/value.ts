import { NULL, ALWAYS, type Schema, constant, mergedSchema, record, tuple } from '../schema/schema.ts'
import { TEXT_PART } from '../limits.ts'
import { NumberText } from '../text/number-text.ts'
import { compareBytes } from '../yaml/bytes.ts'
import type { YamlNode } from '../yaml/node.ts'
import { DONE, Expr } from './expression-state.ts'
import { INDEXED_DEPTH, LayerIndex } from './layer-index.ts'
import { mergeValues } from './merge-values.ts'
import { type Chain, propertyOf, stacked } from './value-chain.ts'

/** What a value is made of. Own entries of an object only: what it inherits is reached through `property` and `keys`. */
export type Repr = null | boolean | NumberText | string | readonly Value[] | ReadonlyMap<string, Value>

export interface Flags {
  readonly unknown?: boolean
  readonly secret?: boolean
  readonly final?: boolean
}

const UNKNOWN = 1
const SECRET = 2
const FINAL = 4
const ROTATE_ONLY = 8

/** What a value is laid over. */
interface Under {
  /** Absent as long as `makeBase` is there. */
  base: Value | undefined
  makeBase: (() => Value) | undefined
  /** Set for objects that were merged; for others it follows from `repr` and `base`. */
  readonly chain: Chain | undefined
  /** The index this object is the top of or was, and its level in it; without one, how many objects it lies over. */
  index: LayerIndex | undefined
  depth: number
}

/** What is worked out of a collection when somebody asks, and kept. */
interface Known {
  keys?: readonly string[]
  /** Properties that were asked for and are merged. */
  merged?: Map<string, Value | undefined>
  containsUnknown?: boolean
  containsSecret?: boolean
  size?: number
}

/** What a value has that was made from another one. */
interface Derived {
  /** The objects a merged object is made of. */
  readonly chain: Chain | undefined
  /** Works the base out when somebody looks: a diamond of imports doubles their number at every level. */
  readonly makeBase: (() => Value) | undefined
  readonly bound: number
  readonly depth: number
}

/**
 * The result of an expression.
 *
 * Values never change once they are made. Laying one over another (`mergeValues`) makes a new one that shares
 * everything with its upper part and merges its properties when they are asked for, so sharing is safe and a chain of
 * imports costs what is looked at.
 */
export class Value {
  /** The expression that made it: the place it is blamed on. */
  readonly def: Expr
  readonly repr: Repr
  #flags: number
  /** No fewer values than it is made of, itself included; an object's inherited ones too. A long text counts as several. */
  readonly bound: number
  /** Levels of collections inside it, inherited ones included; 0 for a scalar. */
  readonly depth: number
  /** The schema without the base's part; made from the value itself where absent. */
  readonly #own: Schema | (() => Schema) | undefined
  /** Absent where it is laid over nothing. */
  readonly #under: Under | undefined
  #schema: Schema | undefined
  #known: Known | undefined

  constructor(def: Expr, repr: Repr, own: Schema | (() => Schema) | undefined, base?: Value, flags: Flags = NO_FLAGS, derived?: Derived) {
    this.def = def
    this.repr = repr
    this.#own = own
    if (base || derived?.makeBase || derived?.chain) {
      this.#under = { base, makeBase: derived?.makeBase, chain: derived?.chain, index: undefined, depth: 0 }
    }
    this.#flags = (flags.unknown ? UNKNOWN : 0) | (flags.secret ? SECRET : 0) | (flags.final ? FINAL : 0)
    this.bound = derived?.bound ?? boundOf(repr)
    this.depth = derived?.depth ?? depthOf(repr)
  }

  get unknown(): boolean {
    return (this.#flags & UNKNOWN) !== 0
  }

  get secret(): boolean {
    return (this.#flags & SECRET) !== 0
  }

  /** Importing environments cannot override it. */
  get final(): boolean {
    return (this.#flags & FINAL) !== 0
  }

  /** Only rotation needs it. */
  get rotateOnly(): boolean {
    return (this.#flags & ROTATE_ONLY) !== 0
  }

  set rotateOnly(only: boolean) {
    this.#flags = only ? this.#flags | ROTATE_ONLY : this.#flags & ~ROTATE_ONLY
  }

  /** What it is laid over. */
  get base(): Value | undefined {
    const under = this.#under
    if (under?.makeBase) {
      under.base = under.makeBase()
      under.makeBase = undefined
    }
    return under?.base
  }

  get isMap(): boolean {
    return this.repr instanceof Map
  }

  /** Whether there are values inside it. */
  get isCollection(): boolean {
    return this.isMap || Array.isArray(this.repr)
  }

  get map(): ReadonlyMap<string, Value> {
    return this.repr as ReadonlyMap<string, Value>
  }

  /**
   * A property, inherited ones included. Of an unknown, an unknown made up on the spot.
   *
   * @param node what asks for it: the place of what is made up; null if that has none
   */
  property(key: string, node?: YamlNode | null): Value | undefined {
    // What is made up has the place of whoever asks, so it is not kept.
    if (!this.isMap) return this.unknown ? unknownProperty(this, key, node) : undefined
    const chain = this.#under?.chain
    return chain ? this.#merged(chain, key, node) : Value.#findBelow(this, key, node)
  }

  /** A property of the first object that has it, from one that is not merged downwards. */
  static #findBelow(start: Value, key: string, node: YamlNode | null | undefined): Value | undefined {
    let layer: Value | undefined = start
    while (layer?.isMap) {
      const under: Under | undefined = layer.#under
      if (under?.chain) break
      const found = under?.index ? under.index.find(key, under.depth) : layer.map.get(key)
      if (found) return found
      layer = under?.index ? under.index.below : under?.base
    }
    return layer?.property(key, node)
  }

  #merged(chain: Chain, key: string, node: YamlNode | null | undefined): Value | undefined {
    const merged = ((this.#known ??= {}).merged ??= new Map())
    const known = merged.get(key)
    if (known !== undefined || merged.has(key)) return known
    const found = propertyOf(chain, key, node)
    merged.set(key, found)
    return found
  }

  /** Keys in byte order, inherited ones included; none for anything but an object. */
  keys(): readonly string[] {
    if (!this.isMap) return NO_KEYS
    return ((this.#known ??= {}).keys ??= this.#allKeys().toSorted(compareBytes))
  }

  #allKeys(): string[] {
    const { layers } = this.chain
    if (layers.length === 1) return [...this.map.keys()]
    const keys = new Set<string>()
    for (const { map } of layers) for (const key of map.keys()) keys.add(key)
    return [...keys]
  }

  /** The objects this one is made of, itself first. */
  get chain(): Chain {
    return this.#under?.chain ?? Value.#chainFrom(this)
  }

  static #chainFrom(start: Value): Chain {
    const layers: { map: ReadonlyMap<string, Value>; bases: readonly Value[] }[] = []
    let at: Value | undefined = start
    for (; at?.isMap; at = at.#under?.base) {
      const chain = at.#under?.chain
      if (chain) return { ...chain, layers: [...layers, ...chain.layers] }
      layers.push({ map: at.map, bases: NO_VALUES })
    }
    return { layers, tail: at === undefined ? 'end' : at.unknown ? at : 'hidden' }
  }

  get schema(): Schema {
    this.#schema ??= this.#mergedSchema()
    return this.#schema
  }

  #mergedSchema(): Schema {
    if (this.isMap && this.#own === undefined) return this.#under && !this.#under.chain ? this.#literalSchema() : this.#recordSchema()
    const own = typeof this.#own === 'function' ? this.#own() : (this.#own ?? this.#exactSchema())
    return own.type === 'object' && this.#under ? mergedSchema(this.base?.schema, own) : own
  }

  /** The schema that describes exactly this content. That of a literal is kept with the document. */
  #exactSchema(): Schema {
    const { expression } = this.def
    return expression && 'text' in expression && !this.unknown ? this.def.declared : exactSchema(this.repr)
  }

  /** The schema of an object literal over something: what is known of properties below is merged with what they are. */
  #literalSchema(): Schema {
    const own = new Map<string, Schema>()
    for (const [key, value] of this.map) own.set(key, value.schema)
    return mergedSchema(this.base?.schema, record(own))
  }

  /** The schema of an object: of all its properties, which are merged already, and of what an unknown below them adds. */
  #recordSchema(): Schema {
    const properties = new Map<string, Schema>()
    for (const key of this.keys()) properties.set(key, (this.property(key) as Value).schema)
    const { tail } = this.chain
    return typeof tail === 'string' ? record(properties) : mergedSchema(tail.schema, record(properties))
  }

  /** Whether this is or may be an object. */
  get mayBeObject(): boolean {
    if (!this.unknown) return this.isMap
    return this.isOpen || this.schema.type === 'object'
  }

  /** An unknown about which nothing is known, so that nothing can be wrong with accessing it. */
  get isOpen(): boolean {
    if (!this.unknown) return false
    return this.schema.always || (this.schema.never && (this.def.accessOf?.receiver.isOpen ?? false))
  }

  /** Whether an unknown is somewhere inside. */
  get containsUnknown(): boolean {
    if (this.unknown || !this.isCollection) return this.unknown
    return ((this.#known ??= {}).containsUnknown ??= this.children().some((value) => value.containsUnknown))
  }

  /** As `containsUnknown`, but unknowns that only rotation needs count only while rotating. */
  containsObservableUnknown(rotating: boolean): boolean {
    if (this.unknown) return rotating || !this.rotateOnly
    return this.containsUnknown && this.children().some((value) => value.containsObservableUnknown(rotating))
  }

  get containsSecret(): boolean {
    if (this.secret || !this.isCollection) return this.secret
    return ((this.#known ??= {}).containsSecret ??= this.children().some((value) => value.containsSecret))
  }

  /** How many values it is made of, itself included, as it would be written out. */
  get size(): number {
    if (!this.isCollection) return boundOf(this.repr)
    return ((this.#known ??= {}).size ??= this.children().reduce((size, value) => size + value.size, 1))
  }

  /** Elements, or entries in the order of their keys. */
  children(): readonly Value[] {
    if (Array.isArray(this.repr)) return this.repr as readonly Value[]
    return this.isMap ? this.keys().map((key) => this.property(key) as Value) : NO_VALUES
  }

  /** The same value, said to be made by another expression. */
  madeBy(def: Expr): Value {
    return this.#remade(def, this.#own, this)
  }

  /** The same content as the result of a call, with flags of its own. What it was laid over is no longer told, but inherited properties are its own. */
  rewrapped(def: Expr, flags: Flags): Value {
    if (!this.#under) return this.#remade(def, this.isMap ? this.#own : this.schema, flags)
    const { tail } = this.chain
    // What may be in an unknown below stays within reach.
    if (this.isMap && typeof tail !== 'string') return this.#remade(def, this.#own, flags)
    const repr = this.isMap ? new Map(this.keys().map((key) => [key, this.property(key) as Value])) : this.repr
    return new Value(def, repr, this.schema, undefined, flags)
  }

  asSecret(): Value {
    if (this.secret) return this
    const secret = this.#remade(this.def, this.#own, { unknown: this.unknown, secret: true, final: this.final })
    secret.rotateOnly = this.rotateOnly
    return secret
  }

  #remade(def: Expr, own: Schema | (() => Schema) | undefined, flags: Flags): Value {
    return new Value(def, this.repr, own, this.#under?.base, flags, {
      chain: this.#under?.chain,
      makeBase: this.#under?.makeBase,
      bound: this.bound,
      depth: this.depth,
    })
  }

  /** Laid over another one. */
  over(base: Value): Value {
    const chain = this.isMap ? this.chain : undefined
    const derived: Derived = {
      chain: chain && stacked(chain, base),
      makeBase: this.#under ? () => mergeValues(this.base as Value, base) : undefined,
      bound: this.bound + (this.isMap && base.isMap ? base.bound : 0),
      depth: this.isMap && base.isMap ? Math.max(this.depth, base.depth) : this.depth,
    }
    // What an unknown below says of its properties is merged once more with each value that comes below that (specification 3.1).
    const ownAgain = chain && typeof chain.tail === 'string' ? undefined : () => this.schema
    const own = this.#under ? ownAgain : this.#own
    const merged = new Value(this.def, this.repr, own, derived.makeBase ? undefined : base, this, derived)
    merged.rotateOnly = this.rotateOnly
    return merged
  }

  /** As the result of an object literal, whose entries were evaluated over the base's properties already. */
  literalOver(base: Value): Value {
    const bound = this.bound + (base.isMap ? base.bound : 0)
    const depth = Math.max(this.depth, base.depth)
    const literal = new Value(this.def, this.repr, this.#own, base, this, { chain: undefined, makeBase: undefined, bound, depth })
    literal.#joinIndex(base)
    return literal
  }

  #joinIndex(base: Value): void {
    const under = this.#under
    const below = base.#under
    if (!under || !base.isMap || below?.chain) return
    under.depth = (below?.depth ?? 0) + 1
    if (below?.index?.top === base) {
      under.index = below.index
      under.depth = under.index.add(this)
    } else if (!below?.index && under.depth >= INDEXED_DEPTH) Value.#beginIndex(this, under)
    else if (below?.index) under.depth = 1
  }

  /** Puts an object and those below it that are in no index yet into a new one; only the uppermost one looks things up in it. */
  static #beginIndex(top: Value, under: Under): void {
    const pile: Value[] = []
    let layer: Value | undefined = top
    for (; layer?.isMap && !layer.#under?.chain && !layer.#under?.index; layer = layer.#under?.base) pile.push(layer)
    const index = new LayerIndex(layer)
    for (const object of pile.toReversed()) {
      const depth = index.add(object)
      if (object !== top) continue
      under.index = index
      under.depth = depth
    }
  }
}

const NO_FLAGS: Flags = {}
const NO_KEYS: readonly string[] = []
const NO_VALUES: readonly Value[] = []

function boundOf(repr: Repr): number {
  if (typeof repr === 'string') return 1 + Math.floor(repr.length / TEXT_PART)
  if (repr === null || typeof repr !== 'object' || repr instanceof NumberText) return 1
  let bound = 1
  for (const value of repr.values()) bound += value.bound
  return bound
}

function depthOf(repr: Repr): number {
  if (repr === null || typeof repr !== 'object' || repr instanceof NumberText) return 0
  let depth = 0
  for (const value of repr.values()) depth = Math.max(depth, value.depth)
  return depth + 1
}

function unknownProperty(receiver: Value, key: string, node: YamlNode | null | undefined): Value {
  const schema = receiver.schema.property(key)
  const base = receiver.base?.property(key, node)
  const def = new Expr('access', undefined, node === null ? undefined : (node ?? receiver.def.node), base)
  def.accessOf = { receiver, key, schema }
  def.state = DONE
  return new Value(def, null, schema, base, { unknown: true })
}

/** The schema that describes exactly this content; of objects a `Value` makes it itself. */
function exactSchema(repr: Repr): Schema {
  if (repr === null) return NULL
  if (typeof repr === 'boolean') return constant('boolean', repr)
  if (typeof repr === 'string') return constant('string', repr)
  if (repr instanceof NumberText) return constant('number', repr)
  return tuple((repr as readonly Value[]).map((element) => element.schema))
}

/** An unknown about which nothing more is said. */
export function unknownValue(def: Expr, schema: Schema = ALWAYS, flags: { readonly secret?: boolean } = {}): Value {
  return new Value(def, null, schema, undefined, { unknown: true, ...flags })
}
