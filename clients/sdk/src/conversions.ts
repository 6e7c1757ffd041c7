import type { Json, JsonObject } from './snapshot.ts'

/**
 * How a value becomes what a program asks for. Environment variables are always text, so text that spells the wanted
 * thing is taken; anything else is refused (undefined) rather than bent.
 */
export type Conversion<T> = { readonly wanted: string; readonly convert: (value: Json) => T | undefined }

export const asString: Conversion<string> = {
  wanted: 'text',
  convert: (value) => {
    if (typeof value === 'string') return value
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  },
}

export const asNumber: Conversion<number> = {
  wanted: 'a number',
  convert: (value) => {
    if (typeof value === 'number') return value
    if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined
    const number = Number(value)
    return Number.isFinite(number) ? number : undefined
  },
}

const TRUE = new Set(['true', '1', 'yes', 'on'])
const FALSE = new Set(['false', '0', 'no', 'off'])

export const asBoolean: Conversion<boolean> = {
  wanted: 'true or false',
  convert: (value) => {
    if (typeof value === 'boolean') return value
    const word = typeof value === 'string' ? value.trim().toLowerCase() : value === 1 ? '1' : value === 0 ? '0' : ''
    return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined
  },
}

export const asUrl: Conversion<URL> = {
  wanted: 'a URL',
  convert: (value) => (typeof value === 'string' ? (URL.parse(value) ?? undefined) : undefined),
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `500ms`, `30s`, `1h30m`, in milliseconds. A bare number is refused: nobody could say of which unit it is. */
export const asDuration: Conversion<number> = {
  wanted: 'a duration such as 500ms, 30s or 1h30m',
  convert: (value) => {
    if (typeof value !== 'string' || !/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value.trim())) return undefined
    let total = 0
    for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(amount) * (UNITS[unit ?? ''] ?? 0)
    return total
  },
}

/** A list, or text with commas between its items. */
export const asList: Conversion<readonly Json[]> = {
  wanted: 'a list',
  convert: (value) => {
    if (Array.isArray(value)) return value as readonly Json[]
    if (typeof value !== 'string') return undefined
    const items = value.split(',').map((item) => item.trim())
    return items.length === 1 && items[0] === '' ? [] : items
  },
}

/** A map, or text that is one in JSON. */
export const asObject: Conversion<JsonObject> = {
  wanted: 'a map',
  convert: (value) => {
    if (isMap(value)) return value
    if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined
    try {
      const parsed = JSON.parse(value) as Json
      return isMap(parsed) ? parsed : undefined
    } catch {
      return undefined
    }
  },
}

function isMap(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a value is, in words that show nothing of it. */
export function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return value === '' ? 'empty text' : 'text that cannot be read as such'
  return typeof value === 'number' ? 'a number' : 'true or false'
}
