import { isExactNumber } from './exact-number.ts'

/** A value as it is written into a document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** How JSON and people call the kind of a value. */
export type ValueType = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'map'

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/

/**
 * The value a word of a command line means, as document text: true, false and null are what they say, decimal numbers that lose nothing
 * are numbers, all else is text (`007`, `1e5`, `1.10` and `12345678901234567890` too, which would not come back as written).
 */
export function typedValue(word: string): Json {
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null') return null
  if (NUMBER.test(word) && String(Number(word)) === word) return Number(word)
  return word.includes('${') ? word : literalText(word)
}

/**
 * A text as a document has to write it to mean exactly itself: there `${…}` is a reference and `$$` is one `$`. A `$`
 * that could be read as either is doubled.
 */
export function literalText(text: string): string {
  return text.replace(/\$+(?=(\{?))/g, (dollars, brace: string) => (dollars.length === 1 && brace === '' ? dollars : dollars.repeat(2)))
}

export function typeOf(value: Json): ValueType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (isExactNumber(value)) return 'number'
  return typeof value === 'object' ? 'map' : (typeof value as ValueType)
}
