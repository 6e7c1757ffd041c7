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

const NO_TRACE = `{"def":${rangeText(undefined, '')}}`

/** Values as JSON text. Each is written once: the first look decides what things without a place are called. */
export class ValueWriter {
  readonly #name: string
  readonly #trace: 'full' | 'none'
  readonly #scrubbed: boolean
  readonly #written = new Map<Value, string>()
  readonly #schemas = new Map<Value, Schema>()
  #traceDepth = 0
  #traceLength = 0

  constructor(name: string, trace: 'full' | 'none', scrubbed: boolean) {
    this.#name = name
    this.#trace = trace
    this.#scrubbed = scrubbed
  }

  write(value: Value, environment = this.#name): string {
    const known = this.#written.get(value)
    if (known !== undefined) return known
    const flags = (value.secret ? ',"secret":true' : '') + (value.unknown ? ',"unknown":true' : '')
    const trace = this.#trace === 'none' ? NO_TRACE : this.#traceText(value, environment)
    const text = `{"value":${this.#content(value, environment)}${flags},"trace":${trace}}`
    // Scalars are quicker written again than remembered.
    if (value.isMap || Array.isArray(value.repr) || !value.def.node) this.#written.set(value, text)
    return text
  }

  #content(value: Value, environment: string): string {
    if (this.#scrubbed && value.secret) return jsonString(REDACTED)
    if (Array.isArray(value.repr)) return array((value.repr as readonly Value[]).map((element) => this.write(element, environment)))
    if (!value.isMap) return scalarText(value.repr)
    return entries(value.keys().map((key) => [key, this.write(value.property(key) as Value, environment)])) ?? '{}'
  }

  #traceText(value: Value, environment: string): string {
    const def = rangeText(value.def.range, environment)
    const base = this.#traceDepth < TRACE_DEPTH && this.#traceLength < TRACE_LENGTH ? value.base : undefined
    if (!base) return `{"def":${def}}`
    this.#traceDepth++
    const text = this.write(base, '<import>')
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
  if (repr instanceof NumberText) return repr.text
  return String(repr)
}
