import { NumberText } from '../text/number-text.ts'
import type { Expr } from './expression-state.ts'
import { type ExportedContent, ExportedValue } from './exported-value.ts'
import { type Repr, Value } from './value.ts'

/** A value from outside as the result of an expression: every part of it is said to be made there, its schema is exact. */
export function importValue(exported: ExportedValue, def: Expr): Value {
  const flags = { secret: exported.secret || def.secret, unknown: exported.unknown }
  return new Value(def, importContent(exported.value, def), undefined, undefined, flags)
}

function importContent(content: ExportedContent, def: Expr): Repr {
  if (Array.isArray(content)) return (content as readonly ExportedValue[]).map((element) => importValue(element, def))
  if (content instanceof Map) {
    const values = new Map<string, Value>()
    for (const [key, value] of content as ReadonlyMap<string, ExportedValue>) values.set(key, importValue(value, def))
    return values
  }
  return content as Exclude<ExportedContent, readonly unknown[] | ReadonlyMap<string, unknown>>
}

/** A value on its way out. Inherited properties become its own. */
export function exportValue(value: Value): ExportedValue {
  return new ExportedValue(exportContent(value), { secret: value.secret, unknown: value.unknown }, value)
}

function exportContent(value: Value): ExportedContent {
  const { repr } = value
  if (repr === null || typeof repr !== 'object' || repr instanceof NumberText) return repr
  if (Array.isArray(repr)) return (repr as readonly Value[]).map(exportValue)
  const entries = new Map<string, ExportedValue>()
  for (const key of value.keys()) entries.set(key, exportValue(value.property(key) as Value))
  return entries
}
