import { compareBytes, toShownText } from '../yaml/bytes.ts'
import { NumberText } from './number-text.ts'

/** JSON with numbers as text, and objects as maps so that no key is special. */
export type Json = null | boolean | NumberText | string | readonly Json[] | ReadonlyMap<string, Json>

/** What HTML or a script could read as its own; JSON may hold it, and no JSON text of the language does. */
const MARKUP = /[<>&\u2028\u2029]/
const ALL_MARKUP = new RegExp(MARKUP.source, 'g')

/** Texts that are the same in JSON, and short enough that looking is cheaper than escaping. */
const PLAIN = /^[\w $./:@-]*$/
const SHORT = 64

/** A string as JSON. Bytes that are no valid UTF-8 become U+FFFD. */
export function jsonString(text: string): string {
  if (text.length < SHORT && PLAIN.test(text)) return `"${text}"`
  if (!text.isWellFormed()) return jsonString(toShownText(text)).replaceAll('\ufffd', '\\ufffd')
  const quoted = JSON.stringify(text)
  return MARKUP.test(quoted) ? quoted.replace(ALL_MARKUP, escapeMarkup) : quoted
}

function escapeMarkup(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Compact JSON with keys in byte order; safe inside HTML. */
export function writeJson(value: Json): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return jsonString(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  const map = value as ReadonlyMap<string, Json>
  const entries = [...map.keys()].toSorted(compareBytes).map((key) => `${jsonString(key)}:${writeJson(map.get(key) as Json)}`)
  return `{${entries.join(',')}}`
}

/** JSON over several lines, for people. Same text inside strings as `writeJson`. */
export function writePrettyJson(value: Json, indent = '  ', at = ''): string {
  if (value === null || typeof value !== 'object' || value instanceof NumberText) return writeJson(value)
  const inner = at + indent
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((element: Json) => inner + writePrettyJson(element, indent, inner)).join(',\n')}\n${at}]`
  }
  const map = value as ReadonlyMap<string, Json>
  if (map.size === 0) return '{}'
  const keys = [...map.keys()].toSorted(compareBytes)
  return `{\n${keys.map((key) => `${inner}${jsonString(key)}: ${writePrettyJson(map.get(key) as Json, indent, inner)}`).join(',\n')}\n${at}}`
}

/** Plain JavaScript data as JSON: objects by their own keys, numbers by their shortest text. */
export function toJsonValue(value: unknown): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean' || typeof value === 'string' || value instanceof NumberText) return value
  if (typeof value === 'number' || typeof value === 'bigint') return new NumberText(String(value))
  if (Array.isArray(value)) return value.map(toJsonValue)
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [String(key), toJsonValue(entry)]))
  return new Map(Object.entries(value).map(([key, entry]) => [key, toJsonValue(entry)]))
}
