import { REDACTED } from '@headgate/model'
import type { Repr, Value } from '../eval/value.ts'
import { ALWAYS, type Schema, mergedSchema, record, tuple } from '../schema/schema.ts'
import { jsonString } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import { array, entries, rangeText, schemaText } from './json-text.ts'

/** Overridden values inside overridden values a trace shows. */
const TRACE_DEPTH = 200

/** Characters of overridden values written in one environment: diamonds of imports make them explode. */
const TRACE_LENGTH = 32 * 1024 * 1024

/** Values looked at to find out whether all of them have a place. */
const LOOKS = 50_000

const NO_TRACE = `{"def":${rangeText(undefined, '')}}`

/** What lies over a value that is written as the base of another one. */
interface Above {
  /** Nearest last. */
  readonly objects: readonly Value[]
  /** What things without a place are called in what the uppermost one inherits. */
  readonly environment: string
  /** The entries of the objects by key, nearest last; put together when the first one is asked for. */
  entries?: ReadonlyMap<string, readonly Value[]>
}

function entriesOf({ objects }: Above): ReadonlyMap<string, readonly Value[]> {
  const all = new Map<string, Value[]>()
  for (const { map } of objects) {
    for (const [key, value] of map) {
      const known = all.get(key)
      if (known) known.push(value)
      else all.set(key, [value])
    }
  }
  return all
}

/**
 * Values as JSON text.
 *
 * Things without a place are said to be in the environment that is written, or inside a base in `<import>`. What a value
 * inherits is called the same in its base again, because the reference writes it once.
 */
export class ValueWriter {
  readonly #name: string
  readonly #trace: 'full' | 'none'
  readonly #scrubbed: boolean
  readonly #written = new Map<Value, string>()
  readonly #placed = new Map<Value, boolean>()
  #looks = 0
  readonly #schemas = new Map<Value, Schema>()
  #traceDepth = 0
  #traceLength = 0

  constructor(name: string, trace: 'full' | 'none', scrubbed: boolean) {
    this.#name = name
    this.#trace = trace
    this.#scrubbed = scrubbed
  }

  write(value: Value, environment = this.#name, above?: Above): string {
    const known = this.#written.get(value)
    if (known !== undefined) return known
    const flags = (value.secret ? ',"secret":true' : '') + (value.unknown ? ',"unknown":true' : '')
    const content = this.#content(value, environment, above)
    const trace = this.#trace === 'none' ? NO_TRACE : this.#traceText(value, environment, above)
    const text = `{"value":${content}${flags},"trace":${trace}}`
    // Scalars are quicker written again than remembered.
    if ((value.isMap || Array.isArray(value.repr)) && this.#isPlaced(value)) this.#written.set(value, text)
    return text
  }

  /**
   * Whether everything in it has a place, so that its text is always the same. Where there is too much to look at, that is
   * taken for granted: it only decides what a few things in a trace are called.
   */
  #isPlaced(value: Value, depth = 0): boolean {
    if (this.#trace === 'none') return true
    const known = this.#placed.get(value)
    if (known !== undefined) return known
    if (depth > TRACE_DEPTH || this.#looks++ > LOOKS) return true
    const placed =
      value.def.node !== undefined &&
      value.children().every((child) => this.#isPlaced(child, depth + 1)) &&
      (!value.base || this.#isPlaced(value.base, depth + 1))
    this.#placed.set(value, placed)
    return placed
  }

  #content(value: Value, environment: string, above: Above | undefined): string {
    if (this.#scrubbed && value.secret) return jsonString(REDACTED)
    if (Array.isArray(value.repr)) return array((value.repr as readonly Value[]).map((element) => this.write(element, environment)))
    if (!value.isMap) return scalarText(value.repr)
    return entries(value.keys().map((key) => [key, this.#property(value, key, environment, above)])) ?? '{}'
  }

  #property(value: Value, key: string, environment: string, above: Above | undefined): string {
    const property = value.property(key) as Value
    if (!above) return this.write(property, environment)
    const hiding = (above.entries ??= entriesOf(above)).get(key)
    if (!hiding) return this.write(property, above.environment)
    // Behind something that is no object, nothing is inherited.
    const cut = hiding.findLastIndex((object) => !object.isMap)
    const objects = hiding.slice(cut + 1)
    if (objects.length === 0) return this.write(property, environment)
    return this.write(property, environment, { objects, environment: cut < 0 ? above.environment : environment })
  }

  #traceText(value: Value, environment: string, above: Above | undefined): string {
    const def = rangeText(value.def.range, environment)
    const base = this.#traceDepth < TRACE_DEPTH && this.#traceLength < TRACE_LENGTH ? value.base : undefined
    if (!base) return `{"def":${def}}`
    this.#traceDepth++
    const upper = { objects: [...(above?.objects ?? []), value], environment: above?.environment ?? environment }
    const text = this.write(base, '<import>', value.isMap && base.isMap ? upper : undefined)
    this.#traceDepth--
    this.#traceLength += text.length
    return this.#traceLength < TRACE_LENGTH ? `{"def":${def},"base":${text}}` : `{"def":${def}}`
  }

  schema(value: Value): string {
    return schemaText(this.#scrubbed ? this.#schemaOf(value) : value.schema)
  }

  /** The schema of a whole environment, which is merged with its imports' once more; that is pinned, and shows in what is required. */
  rootSchema(value: Value): string {
    if (this.#scrubbed || !value.base) return this.schema(value)
    return schemaText(mergedSchema(value.base.schema, value.schema))
  }

  /** A value's schema without what it would tell of secrets: anything inside one fits. */
  #schemaOf(value: Value): Schema {
    if (!value.containsSecret && !value.base) return value.schema
    const known = this.#schemas.get(value)
    if (known) return known
    const schema = this.#scrubbedSchema(value)
    this.#schemas.set(value, schema)
    return schema
  }

  #scrubbedSchema(value: Value): Schema {
    if (value.secret) return ALWAYS
    if (Array.isArray(value.repr)) return tuple((value.repr as readonly Value[]).map((element) => this.#schemaOf(element)))
    if (!value.isMap) return value.schema
    const properties = new Map<string, Schema>()
    for (const key of value.keys()) properties.set(key, this.#schemaOf(value.property(key) as Value))
    return record(properties)
  }
}

export function scalarText(repr: Repr): string {
  if (repr === null) return 'null'
  if (typeof repr === 'string') return jsonString(repr)
  return repr instanceof NumberText ? repr.text : repr === true ? 'true' : 'false'
}
