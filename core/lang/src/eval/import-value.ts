import { NumberText } from '../text/number-text.ts'
import type { Expr } from './expression-state.ts'
import { type ExportedContent, ExportedValue } from './exported-value.ts'
import { type Repr, Value } from './value.ts'

/** A value from outside as the result of an expression: every part of it is said to be made there, its schema is exact. */
export function importValue(exported: ExportedValue, def: Expr): Value {
  return new Importer(def).import(exported)
}

/** Keeps what it made, so that a part that stands in several places stays one. */
class Importer {
  readonly #def: Expr
  readonly #made = new Map<ExportedValue, Value>()

  constructor(def: Expr) {
    this.#def = def
  }

  import(exported: ExportedValue): Value {
    const known = this.#made.get(exported)
    if (known) return known
    const flags = { secret: exported.secret || this.#def.secret, unknown: exported.unknown }
    const value = new Value(this.#def, this.#content(exported.value), undefined, undefined, flags)
    if (value.depth > 0) this.#made.set(exported, value)
    return value
  }

  #content(content: ExportedContent): Repr {
    if (Array.isArray(content)) return (content as readonly ExportedValue[]).map((element) => this.import(element))
    if (content instanceof Map) {
      const values = new Map<string, Value>()
      for (const [key, value] of content as ReadonlyMap<string, ExportedValue>) values.set(key, this.import(value))
      return values
    }
    return content as Exclude<ExportedContent, readonly unknown[] | ReadonlyMap<string, unknown>>
  }
}

const exported = new WeakMap<Value, ExportedValue>()

/** A value on its way out. Inherited properties become its own; a part that stands in several places stays one. */
export function exportValue(value: Value): ExportedValue {
  const known = exported.get(value)
  if (known) return known
  const made = new ExportedValue(exportContent(value), { secret: value.secret, unknown: value.unknown }, value)
  if (value.depth > 0) exported.set(value, made)
  return made
}

function exportContent(value: Value): ExportedContent {
  const { repr } = value
  if (repr === null || typeof repr !== 'object' || repr instanceof NumberText) return repr
  if (Array.isArray(repr)) return (repr as readonly Value[]).map(exportValue)
  const entries = new Map<string, ExportedValue>()
  for (const key of value.keys()) entries.set(key, exportValue(value.property(key) as Value))
  return entries
}
