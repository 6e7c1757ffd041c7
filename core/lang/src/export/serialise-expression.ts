import { REDACTED } from '@headgate/model'
import type { Expr } from '../eval/expression-state.ts'
import { literalRepr } from '../eval/declared-schema.ts'
import { META_SCHEMA } from '../schema/meta-schema.ts'
import { ALWAYS, ARRAY_OF_ARRAYS, ARRAY_OF_STRINGS, STRING, type Schema, record, tuple } from '../schema/schema.ts'
import { type Accessor, type LiteralExpression, type ObjectExpression, indexText } from '../syntax/expression.ts'
import { jsonString } from '../text/json.ts'
import { compareBytes } from '../yaml/bytes.ts'
import { array, entries, object, rangeText, schemaText } from './json-text.ts'
import { type ValueWriter, scalarText } from './serialise-value.ts'

type Members = (readonly [string, string | undefined])[]

/** Schema of the argument of each builtin that has a fixed one. */
const ARGUMENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  fromBase64: STRING,
  toBase64: STRING,
  concat: ARRAY_OF_ARRAYS,
  join: tuple([STRING, ARRAY_OF_STRINGS]),
  split: tuple([STRING, STRING]),
  validate: record(
    new Map([
      ['schema', META_SCHEMA],
      ['value', ALWAYS],
    ]),
  ),
}

/**
 * Characters of schemas, and of overridden expressions, written in one environment, and for each character of its document:
 * both are written again at every level of what they are part of. Behind that, schemas are `true` and what is overridden
 * is left out.
 */
const REPEATED_LENGTH = 16 * 1024 * 1024
const REPEATED_PER_CHARACTER = 32

/** Expressions as JSON text: what an editor shows of how values come about. */
export class ExpressionWriter {
  readonly #repeatedLength: number
  #schemaLength = 0
  #baseLength = 0
  readonly #name: string
  readonly #scrubbed: boolean
  readonly #values: ValueWriter

  /** @param length characters of the document they come from */
  constructor(name: string, length: number, scrubbed: boolean, values: ValueWriter) {
    this.#name = name
    this.#repeatedLength = REPEATED_LENGTH + REPEATED_PER_CHARACTER * length
    this.#scrubbed = scrubbed
    this.#values = values
  }

  write(expr: Expr): string {
    if (expr.kind === 'access') return this.#access(expr)
    return object([
      ['range', this.#range(expr)],
      ['schema', this.#schema(expr)],
      ['base', expr.base && this.#base(expr.base.def)],
      ...this.#content(expr),
    ])
  }

  #base(expr: Expr): string | undefined {
    if (this.#baseLength > this.#repeatedLength) return undefined
    const text = this.write(expr)
    this.#baseLength += text.length
    return this.#baseLength > this.#repeatedLength ? undefined : text
  }

  #range(expr: Expr): string {
    return rangeText(expr.range, this.#name)
  }

  #schema(expr: Expr): string {
    if (this.#schemaLength > this.#repeatedLength) return 'true'
    const text = this.#wholeSchema(expr)
    this.#schemaLength += text.length
    return this.#schemaLength > this.#repeatedLength ? 'true' : text
  }

  #wholeSchema(expr: Expr): string {
    if (!this.#scrubbed || expr.skipped || !expr.value) return this.#scrubbed && expr.secret ? 'true' : schemaText(expr.schema)
    return this.#values.schema(expr.value)
  }

  #content(expr: Expr): Members {
    switch (expr.kind) {
      case 'boolean':
      case 'number':
      case 'string':
        return [['literal', this.#literal(expr)]]
      case 'interpolation':
        return [['interpolate', array(expr.parts.map((part, i) => this.#part(expr, part.text, part.access, i)))]]
      case 'reference':
        return [['symbol', this.#accessors(expr, expr.parts[0]?.access ?? [], 0)]]
      case 'array':
        return [['list', expr.elements?.length ? array(expr.elements.map((element) => this.write(element))) : undefined]]
      case 'object':
        return this.#object(expr)
      case 'call':
        return [['builtin', this.#call(expr)]]
      default:
        return []
    }
  }

  #literal(expr: Expr): string {
    if (this.#scrubbed && expr.secret) return jsonString(REDACTED)
    // Infinity and NaN have no JSON and no value; that they were written is still shown.
    const literal = expr.expression as LiteralExpression
    return /^[-+]?(NaN|Inf)$/.test(literal.text) ? jsonString(literal.text) : scalarText(literalRepr(literal))
  }

  #part(expr: Expr, text: string, access: readonly Accessor[] | undefined, i: number): string {
    return object([
      ['text', text === '' ? undefined : jsonString(text)],
      ['value', access && this.#accessors(expr, access, i)],
    ])
  }

  #accessors(expr: Expr, accessors: readonly Accessor[], part: number): string {
    const found = expr.accessed?.[part] ?? []
    return array(
      accessors.map((accessor, i) => {
        const def = found[i]
        return object([...this.#accessor(accessor), ['value', def ? this.#range(def) : rangeText(undefined, '')]])
      }),
    )
  }

  #accessor(accessor: Accessor): Members {
    const { key, range } = accessor
    const name = typeof key === 'string' ? jsonString(key) : undefined
    return [
      ['index', name === undefined ? indexText(accessor) : undefined],
      ['key', name],
      ['range', rangeText(range, this.#name)],
    ]
  }

  /** The made-up base over an unknown: nested ones are told from the innermost unknown on. */
  #access(expr: Expr): string {
    const keys: string[] = []
    let at = expr
    for (; at.accessOf; at = at.accessOf.receiver.def) keys.unshift(at.accessOf.key)
    const outermost = this.#outermost(expr)
    const accessors = keys.map((key) => object(this.#accessor({ key, digits: undefined, range: undefined })))
    return object([
      ['range', this.#range(outermost)],
      ['schema', schemaText(outermost.declared)],
      ['base', outermost.base && this.#base(outermost.base.def)],
      [
        'access',
        object([
          ['receiver', this.#range(at)],
          ['accessors', array(accessors)],
        ]),
      ],
    ])
  }

  #outermost(expr: Expr): Expr {
    let at = expr
    while (at.accessOf?.receiver.def.accessOf) at = at.accessOf.receiver.def
    return at
  }

  #object(expr: Expr): Members {
    const keyRanges = new Map<string, string>()
    for (const { key, keyNode } of (expr.expression as ObjectExpression).entries)
      if (key !== undefined) keyRanges.set(key, rangeText(keyNode.range, this.#name))
    const properties = [...(expr.properties ?? [])].toSorted(([a], [b]) => compareBytes(a, b))
    return [
      ['keyRanges', entries([...keyRanges])],
      ['object', entries(properties.map(([key, property]) => [key, this.write(property)]))],
    ]
  }

  #call(expr: Expr): string {
    const { call } = expr
    return object([
      ['name', jsonString(call.name)],
      ['nameRange', rangeText(call.nameNode.range, this.#name)],
      ['argSchema', schemaText(this.#argumentSchema(expr))],
      ['arg', this.#argument(expr)],
    ])
  }

  #argumentSchema(expr: Expr): Schema {
    const { builtin, name } = expr.call
    const inputs = expr.taken?.inputs ?? ALWAYS
    const state = expr.taken?.state ?? ALWAYS
    if (name === 'fn::open')
      return record(
        new Map([
          ['provider', STRING],
          ['inputs', inputs],
        ]),
      )
    if (name === 'fn::rotate')
      return record(
        new Map([
          ['provider', STRING],
          ['inputs', inputs],
          ['state', state],
        ]),
      )
    if (builtin === 'open') return inputs
    if (builtin === 'rotate')
      return record(
        new Map([
          ['inputs', inputs],
          ['state', state],
        ]),
      )
    return Object.hasOwn(ARGUMENT_SCHEMAS, builtin) ? (ARGUMENT_SCHEMAS[builtin] as Schema) : ALWAYS
  }

  #argument(expr: Expr): string {
    const { builtin, name, argument } = expr.call
    const at = rangeText(argument.node?.range, this.#name)
    const nowhere = rangeText(undefined, '')
    switch (builtin) {
      case 'join':
        return this.#synthetic(expr, at, 'list', ['delimiter', 'values'])
      case 'split':
        return this.#synthetic(expr, at, 'list', ['delimiter', 'string'])
      case 'validate':
        return this.#synthetic(expr, at, 'object', ['schema', 'value'])
      case 'open':
        return name === 'fn::open' ? this.#synthetic(expr, nowhere, 'object', ['provider', 'inputs']) : this.#input(expr, 'inputs')
      case 'rotate':
        return this.#synthetic(expr, nowhere, 'object', name === 'fn::rotate' ? ['provider', 'inputs', 'state'] : ['inputs', 'state'])
      case 'secret':
        return expr.inputs?.has('plaintext') ? this.#input(expr, 'plaintext') : this.#synthetic(expr, at, 'object', ['ciphertext'])
      default:
        return this.#input(expr, 'value')
    }
  }

  #input(expr: Expr, name: string): string {
    return this.write(expr.inputs?.get(name) as Expr)
  }

  /** An argument put together from the parts a builtin takes. */
  #synthetic(expr: Expr, range: string, kind: 'list' | 'object', names: readonly string[]): string {
    const parts = names.map((name) => this.#input(expr, name))
    const content = kind === 'list' ? array(parts) : entries(names.map((name, i) => [name, parts[i] as string]))
    return object([
      ['range', range],
      [kind, content],
    ])
  }
}
