import { formatFloat } from './float-text.ts'
import type { NodeKind } from './node.ts'

/** What a scalar means: its kind and the text that says it. */
export interface ResolvedScalar {
  readonly kind: NodeKind
  readonly text: string
}

const NULL: ResolvedScalar = { kind: 'null', text: '' }
const TRUE: ResolvedScalar = { kind: 'boolean', text: 'true' }
const FALSE: ResolvedScalar = { kind: 'boolean', text: 'false' }

/** The words with a meaning of their own. */
const WORDS = new Map<string, ResolvedScalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, NULL] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, TRUE] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, FALSE] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { kind: 'number', text: 'NaN' }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, { kind: 'number', text: '+Inf' }] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, { kind: 'number', text: '-Inf' }] as const),
])

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const MAX_INT64 = 2n ** 63n - 1n
const MAX_UINT64 = 2n ** 64n - 1n

/** What a plain scalar without a tag means. */
export function resolvePlain(value: string): ResolvedScalar {
  const first = value.charCodeAt(0)
  // Words begin with one of ~ N n T t F f (or nothing), numbers with a digit, a sign or a dot.
  if (first === 126 || first === 110 || first === 78 || first === 116 || first === 84 || first === 102 || first === 70 || value === '') {
    return WORDS.get(value) ?? { kind: 'string', text: value }
  }
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) {
    return WORDS.get(value) ?? resolveNumber(value) ?? { kind: 'string', text: value }
  }
  return { kind: 'string', text: value }
}

function resolveNumber(value: string): ResolvedScalar | undefined {
  if (value.charCodeAt(0) === 46) return FLOAT.test(value) ? floatOf(value) : undefined
  if (isDate(value)) return undefined
  const plain = value.includes('_') ? value.replaceAll('_', '') : value
  const integer = parseInteger(plain)
  if (integer !== undefined) return { kind: 'number', text: integer.toString() }
  if (FLOAT.test(plain)) {
    const float = floatOf(plain)
    if (float) return float
  }
  const odd = parseSignedBehindPrefix(plain)
  return odd === undefined ? undefined : { kind: 'number', text: odd.toString() }
}

/** Undefined where the number is too large for 64 bits: it stays a string. */
function floatOf(value: string): ResolvedScalar | undefined {
  const number = Number(value)
  return Number.isFinite(number) ? { kind: 'number', text: formatFloat(number, value.startsWith('-')) } : undefined
}

/** Go's integers with base prefixes; a leading zero means octal. The sign stands before the prefix. */
function parseInteger(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  const digits = negative || text.startsWith('+') ? text.slice(1) : text
  const value = parseDigits(digits)
  if (value === undefined) return undefined
  // Unsigned 64-bit numbers carry no sign at all.
  const limit = negative ? MAX_INT64 + 1n : digits === text ? MAX_UINT64 : MAX_INT64
  return value > limit ? undefined : negative ? -value : value
}

/** More digits than 64 bits have, however they are written. */
const TOO_MANY_DIGITS = 65

function parseDigits(digits: string): bigint | undefined {
  if (digits.length >= TOO_MANY_DIGITS && digits.replace(/^0[xXbBoO]?0*/, '').length >= TOO_MANY_DIGITS) return undefined
  if (/^(0|[1-9][0-9]*)$/.test(digits)) return BigInt(digits)
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`)
  if (/^0[xX][0-9a-fA-F]+$/.test(digits) || /^0[bB][01]+$/.test(digits) || /^0[oO][0-7]+$/.test(digits)) return BigInt(digits.toLowerCase())
  return undefined
}

/** `0b-1` and `0o-7`: a second reading of binary and octal numbers that lets the sign stand behind the prefix. */
function parseSignedBehindPrefix(text: string): bigint | undefined {
  const match = /^(-?)0([bo])([-+]?)([0-9]+)$/.exec(text)
  if (!match) return undefined
  const [, outer, base, inner, digits] = match as unknown as [string, string, string, string, string]
  if (outer === '-' && inner !== '') return undefined
  if (!(base === 'b' ? /^[01]+$/ : /^[0-7]+$/).test(digits)) return undefined
  const value = BigInt(`0${base}${digits}`)
  const negative = outer === '-' || inner === '-'
  if (value > (negative ? MAX_INT64 + 1n : inner === '' ? MAX_UINT64 : MAX_INT64)) return undefined
  return negative ? -value : value
}

const DATE =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/

/** Whether a plain scalar is a timestamp; those are strings. */
function isDate(value: string): boolean {
  const match = DATE.exec(value)
  if (!match) return false
  const [, year, month, day, separator, hour, minute, second, , zone] = match
  // A blank before the time allows no zone, a T demands one.
  if (separator === ' ' ? zone !== undefined : separator !== undefined && zone === undefined) return false
  const months = Number(month)
  const days = Number(day)
  if (months < 1 || months > 12 || days < 1 || days > daysIn(Number(year), months)) return false
  if (separator === undefined) return true
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false
  return zone === undefined || zone === 'Z' || (Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) <= 60)
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

/** Tags that ask for a kind. Any other tag makes a string of the raw text. */
const CORE_TAGS = new Set(['!!bool', '!!int', '!!float', '!!null', '!!timestamp'])

/** What a scalar with a tag means, or what is wrong with it. */
export function resolveTagged(tag: string, value: string): ResolvedScalar | { readonly fault: string } {
  if (tag === '!!binary') {
    return isBase64(value) ? { kind: 'string', text: value } : { fault: 'yaml: !!binary value contains invalid base64 data' }
  }
  if (!CORE_TAGS.has(tag)) return { kind: 'string', text: value }
  const found = resolvePlain(value)
  const foundTag = tagOf(found, value)
  if (tag === foundTag) return found
  if (tag === '!!float' && foundTag === '!!int' && BigInt(found.text) <= MAX_INT64) {
    return { kind: 'number', text: formatFloat(Number(found.text), found.text.startsWith('-')) }
  }
  return { fault: `yaml: cannot decode ${foundTag} \`${value}\` as a ${tag}` }
}

function tagOf(scalar: ResolvedScalar, value: string): string {
  switch (scalar.kind) {
    case 'null':
      return '!!null'
    case 'boolean':
      return '!!bool'
    case 'number':
      return /^[-+]?(NaN|Inf)$/.test(scalar.text) ||
        (parseInteger(value.replaceAll('_', '')) === undefined && FLOAT.test(value.replaceAll('_', '')))
        ? '!!float'
        : '!!int'
    default:
      return value === '<<' ? '!!merge' : isDate(value) ? '!!timestamp' : '!!str'
  }
}

/** Base64 as the reference takes it: padded, line breaks ignored. */
function isBase64(value: string): boolean {
  const text = value.replace(/[\r\n]/g, '')
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
