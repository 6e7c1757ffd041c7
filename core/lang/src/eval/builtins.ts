import { ALWAYS, ARRAY_OF_ARRAYS, ARRAY_OF_STRINGS, STRING } from '../schema/schema.ts'
import { decodeBase64, encodeBase64 } from '../text/base64.ts'
import { type Json, writeJson } from '../text/json.ts'
import { NumberText } from '../text/number-text.ts'
import { JsonFault, parseJson } from '../text/parse-json.ts'
import { writeYaml } from '../text/write-yaml.ts'
import type { BuiltinName } from '../syntax/builtin-calls.ts'
import { fromBytes, joinTexts, toBytes } from '../yaml/bytes.ts'
import type { EnvironmentRun } from './environment-run.ts'
import { evaluate, evaluateTyped, fail, tooLarge, tooManyParts } from './evaluate.ts'
import type { Expr } from './expression-state.ts'
import { TEXT_LIMIT } from '../limits.ts'
import { evaluateOpen, evaluateRotate } from './provider-calls.ts'
import { plainJson } from './plain-json.ts'
import { evaluateSecret } from './secret-calls.ts'
import { stringify } from './stringify.ts'
import { evaluateValidate } from './validate-call.ts'
import { type Repr, Value, unknownValue } from './value.ts'

type Builtin = (environment: EnvironmentRun, x: Expr) => Value | undefined

const BUILTINS: Readonly<Record<BuiltinName, Builtin>> = {
  concat,
  final,
  fromBase64,
  fromJSON,
  join,
  open: evaluateOpen,
  rotate: evaluateRotate,
  secret: evaluateSecret,
  split,
  toBase64,
  toJSON: (environment, x) => encode(environment, x, 0, writeJson),
  toString: toText,
  toYAML: (environment, x) => encode(environment, x, YAML_INDENT, (json) => writeYaml(json, { bareWords: true })),
  validate: evaluateValidate,
}

export function evaluateCall(environment: EnvironmentRun, x: Expr): Value | undefined {
  return BUILTINS[x.call.builtin](environment, x)
}

/** An argument of a call. */
export function input(x: Expr, name: string): Expr {
  return x.inputs?.get(name) as Expr
}

/** The result of a call over some arguments: unknown or secret if anything in them is. */
export function combined(x: Expr, repr: Repr, values: readonly Value[]): Value {
  const unknown = values.some((value) => value.containsUnknown)
  const secret = values.some((value) => value.containsSecret)
  return new Value(x, unknown ? null : repr, x.declared, undefined, { unknown, secret })
}

function concat(environment: EnvironmentRun, x: Expr): Value | undefined {
  const arrays = evaluateTyped(environment, x, input(x, 'value'), ARRAY_OF_ARRAYS)
  if (!arrays) return undefined
  if (!arrays.fits) return unknownValue(x, x.declared)
  if (arrays.value.containsUnknown) return combined(x, null, [arrays.value])
  return combined(
    x,
    (arrays.value.repr as readonly Value[]).flatMap((array) => array.repr as readonly Value[]),
    [arrays.value],
  )
}

function join(environment: EnvironmentRun, x: Expr): Value | undefined {
  const delimiter = evaluateTyped(environment, x, input(x, 'delimiter'), STRING)
  const values = evaluateTyped(environment, x, input(x, 'values'), ARRAY_OF_STRINGS)
  if (!delimiter || !values) return undefined
  if (!delimiter.fits || !values.fits) return unknownValue(x, x.declared)
  if (delimiter.value.containsUnknown || values.value.containsUnknown) return combined(x, null, [delimiter.value, values.value])
  const texts = (values.value.repr as readonly Value[]).map((value) => value.repr as string)
  const separator = delimiter.value.repr as string
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0)
  if (length > TEXT_LIMIT) return tooLarge(environment, x)
  return combined(x, joinTexts(texts, separator), [delimiter.value, values.value])
}

function split(environment: EnvironmentRun, x: Expr): Value | undefined {
  const delimiter = evaluateTyped(environment, x, input(x, 'delimiter'), STRING)
  const text = evaluateTyped(environment, x, input(x, 'string'), STRING)
  if (!delimiter || !text) return undefined
  if (!delimiter.fits || !text.fits) return unknownValue(x, x.declared)
  const values = [delimiter.value, text.value]
  if (values.some((value) => value.containsUnknown)) return combined(x, null, values)
  const secret = values.some((value) => value.containsSecret)
  const separator = delimiter.value.repr as string
  const whole = text.value.repr as string
  const pieces = separator === '' ? Array.from(whole) : whole.split(separator)
  if (pieces.length > environment.run.sizeLimit) return tooManyParts(environment, x)
  // A piece of a secret is secret itself.
  const elements = pieces.map((piece) => new Value(x, piece, STRING, undefined, { secret }))
  return combined(x, elements, values)
}

function fromBase64(environment: EnvironmentRun, x: Expr): Value | undefined {
  const text = evaluateTyped(environment, x, input(x, 'value'), STRING)
  if (!text) return undefined
  if (!text.fits) return unknownValue(x, x.declared)
  if (text.value.containsUnknown) return combined(x, null, [text.value])
  const bytes = decodeBase64(text.value.repr as string)
  if ('illegalAt' in bytes) {
    fail(environment, x, 'LANG_VALUE', `decoding base64 string: illegal base64 data at input byte ${bytes.illegalAt}`)
    return unknownValue(x, x.declared, { secret: text.value.containsSecret })
  }
  return combined(x, fromBytes(bytes), [text.value])
}

function toBase64(environment: EnvironmentRun, x: Expr): Value | undefined {
  const text = evaluateTyped(environment, x, input(x, 'value'), STRING)
  if (!text) return undefined
  if (!text.fits) return unknownValue(x, x.declared)
  if (text.value.containsUnknown) return combined(x, null, [text.value])
  const encoded = encodeBase64(toBytes(text.value.repr as string))
  return encoded.length > TEXT_LIMIT ? tooLarge(environment, x) : combined(x, encoded, [text.value])
}

function fromJSON(environment: EnvironmentRun, x: Expr): Value | undefined {
  const text = evaluateTyped(environment, x, input(x, 'value'), STRING)
  if (!text) return undefined
  if (!text.fits) return unknownValue(x, x.declared)
  if (text.value.containsUnknown) return combined(x, null, [text.value])
  const secret = text.value.containsSecret
  try {
    return fromJson(x, parseJson(text.value.repr as string), secret)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    // What is wrong with a secret text would tell a piece of it.
    const reason = secret && environment.run.discreet ? 'the secret is not valid JSON' : error.message
    fail(environment, x, 'LANG_VALUE', `decoding JSON string: ${reason}`)
    return unknownValue(x, x.declared, { secret })
  }
}

/** Everything decoded from a secret is secret. */
function fromJson(x: Expr, json: Json, secret: boolean): Value {
  if (json === null || typeof json !== 'object' || json instanceof NumberText) return new Value(x, json, undefined, undefined, { secret })
  if (Array.isArray(json))
    return new Value(
      x,
      json.map((element: Json) => fromJson(x, element, secret)),
      undefined,
      undefined,
      { secret },
    )
  const entries = new Map<string, Value>()
  for (const [key, value] of json as ReadonlyMap<string, Json>) entries.set(key, fromJson(x, value, secret))
  return new Value(x, entries, undefined, undefined, { secret })
}

/** Columns every level of a collection is moved by, at least. */
const YAML_INDENT = 2

function encode(environment: EnvironmentRun, x: Expr, indent: number, write: (json: Json) => string): Value | undefined {
  const value = evaluate(environment, input(x, 'value'), ALWAYS, x)
  if (!value) return undefined
  if (value.containsUnknown) return combined(x, null, [value])
  // Whatever is encoded, its text is at least as long as its parts, their strings and what moves their lines in.
  if (textSize(value, 0, indent) > TEXT_LIMIT) return tooLarge(environment, x)
  const text = write(plainJson(value, false))
  return text.length > TEXT_LIMIT ? tooLarge(environment, x) : combined(x, text, [value])
}

function textSize(value: Value, column: number, indent: number): number {
  if (typeof value.repr === 'string') return value.repr.length
  let size = 1
  for (const child of value.children()) {
    size += column + textSize(child, column + indent, indent)
    if (size > TEXT_LIMIT) break
  }
  return size
}

function toText(environment: EnvironmentRun, x: Expr): Value | undefined {
  const value = evaluate(environment, input(x, 'value'), ALWAYS, x)
  if (!value) return undefined
  const text = stringify(value, TEXT_LIMIT)
  if (text === 'too large') return tooLarge(environment, x)
  return new Value(x, text.unknown ? null : text.text, x.declared, undefined, { unknown: text.unknown, secret: text.secret })
}

function final(environment: EnvironmentRun, x: Expr): Value | undefined {
  const value = evaluate(environment, input(x, 'value'), ALWAYS, x)
  if (!value) return undefined
  environment.run.sawFinal = true
  return passedThrough(x, value, true)
}

/** A value handed on by a call; one unknown or secret part makes the whole so. */
export function passedThrough(x: Expr, value: Value, isFinal = false): Value {
  const flags = { unknown: value.containsUnknown, secret: value.containsSecret, final: isFinal }
  return value.rewrapped(x, flags)
}
