import type { ExportedContent, ExportedValue } from '../eval/exported-value.ts'
import { array, entries, object, rangeText } from './json-text.ts'
import { ValueWriter, scalarText } from './serialise-value.ts'

/** A value from or for the outside in the shape of the wire protocol, as JSON text: a rotation's new state, for example. Secrets are in it. */
export function serialiseValue(value: ExportedValue): string {
  return object([
    ['value', contentText(value.value)],
    ['secret', value.secret ? 'true' : undefined],
    ['unknown', value.unknown ? 'true' : undefined],
    ['trace', traceText(value)],
  ])
}

function contentText(content: ExportedContent): string {
  if (Array.isArray(content)) return array((content as readonly ExportedValue[]).map(serialiseValue))
  if (!(content instanceof Map))
    return scalarText(content as Exclude<ExportedContent, readonly ExportedValue[] | ReadonlyMap<string, ExportedValue>>)
  return entries([...(content as ReadonlyMap<string, ExportedValue>)].map(([key, entry]) => [key, serialiseValue(entry)])) ?? '{}'
}

function traceText({ origin }: ExportedValue): string {
  if (!origin) return object([['def', rangeText(undefined, '')]])
  const base = origin.base && new ValueWriter('', 'full', false).write(origin.base, '<import>')
  return object([
    ['def', rangeText(origin.def.range, '')],
    ['base', base],
  ])
}
