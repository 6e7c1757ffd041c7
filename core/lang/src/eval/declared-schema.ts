import type { Schema } from '../schema/schema.ts'
import { ALWAYS, ANY_ARRAY, ARRAY_OF_STRINGS, NULL, STRING, constant, record } from '../schema/schema.ts'
import type { BuiltinName } from '../syntax/builtin-calls.ts'
import type { Expression, LiteralExpression } from '../syntax/expression.ts'
import { NumberText } from '../text/number-text.ts'

/** What is known of a call's result before it is evaluated. */
const RESULTS: Readonly<Record<BuiltinName, Schema>> = {
  concat: ANY_ARRAY,
  final: ALWAYS,
  fromBase64: STRING,
  fromJSON: ALWAYS,
  join: STRING,
  open: ALWAYS,
  rotate: ALWAYS,
  secret: STRING,
  split: ARRAY_OF_STRINGS,
  toBase64: STRING,
  toJSON: STRING,
  toString: STRING,
  toYAML: STRING,
  validate: ALWAYS,
}

const ANY_OBJECT = record(new Map(), ALWAYS)

/** What is known of an expression's value before it is evaluated. */
export function declaredSchema(expression: Expression): Schema {
  switch (expression.kind) {
    case 'null':
      return NULL
    case 'boolean':
    case 'number':
    case 'string':
      return (expression.constant ??= constant(expression.kind, literalRepr(expression)))
    case 'interpolation':
      return STRING
    case 'reference':
      return ALWAYS
    case 'array':
      return ANY_ARRAY
    case 'object':
      return ANY_OBJECT
    case 'call':
      return RESULTS[expression.builtin]
  }
}

/** What a literal says. */
export function literalRepr(literal: LiteralExpression): null | boolean | string | NumberText {
  switch (literal.kind) {
    case 'null':
      return null
    case 'boolean':
      return literal.text === 'true'
    case 'number':
      return new NumberText(literal.text)
    case 'string':
      return literal.text
  }
}
