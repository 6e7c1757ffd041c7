import { type Json, NumberText } from '@headgate/lang'
import { rawNumber } from '../kept/rendered.ts'

/** A value as `JSON.stringify` writes it. */
export type WireJson = null | boolean | number | string | WireJson[] | { [key: string]: WireJson }

/**
 * The language's own JSON (maps, numbers as text) as plain values. A number JavaScript cannot hold goes out digit by
 * digit all the same.
 */
export function wireJson(value: Json): WireJson {
  if (value instanceof NumberText) return wireNumber(value.text)
  if (value instanceof Map) {
    const map: ReadonlyMap<string, Json> = value
    return Object.fromEntries([...map].map(([key, item]): [string, WireJson] => [key, wireJson(item)]))
  }
  if (Array.isArray(value)) return value.map((item: Json) => wireJson(item))
  return value as null | boolean | string
}

function wireNumber(text: string): number {
  const number = Number(text)
  return String(number) === text ? number : rawNumber(text)
}
