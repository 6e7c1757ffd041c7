import { diagnosticAt } from '../diagnostics.ts'
import { quote } from '../text/quote.ts'
import type { BuiltinName } from '../syntax/builtin-calls.ts'
import type { CallExpression, Expression, ObjectExpression } from '../syntax/expression.ts'
import type { EnvironmentRun } from './environment-run.ts'
import { Expr } from './expression-state.ts'
import type { Value } from './value.ts'

/**
 * Makes an expression of a document ready for evaluation, with everything inside it.
 *
 * @param base what its value will be laid over: the imported property of the same name
 */
export function declare(
  environment: EnvironmentRun,
  expression: Expression | undefined,
  base: Value | undefined,
  parent: Expr | undefined,
  key: string | number,
): Expr {
  if (!expression) return new Expr('missing', undefined, undefined, base, parent, key)
  const expr = new Expr(expression.kind, expression, expression.node, base, parent, key)
  if (expression.kind === 'array') {
    expr.inside = expression.elements.map((element, i) => declare(environment, element, undefined, expr, i))
  } else if (expression.kind === 'object') {
    expr.inside = declareProperties(environment, expression, expr)
  } else if (expression.kind === 'call') {
    expr.inside = declareInputs(environment, expression)
  }
  return expr
}

function declareProperties(environment: EnvironmentRun, expression: ObjectExpression, expr: Expr): Map<string, Expr> {
  const properties = new Map<string, Expr>()
  for (const { key, keyNode, value } of expression.entries) {
    // A key that is no plain text was reported when the document was read.
    if (key === undefined) continue
    if (properties.has(key)) environment.report(diagnosticAt('LANG_DUPLICATE', `duplicate key ${quote(key)}`, keyNode))
    else properties.set(key, declare(environment, value, expr.base?.property(key, keyNode), expr, key))
  }
  return properties
}

/** Arguments see nothing of what the result is laid over, and their paths begin anew. */
function declareInputs(environment: EnvironmentRun, call: CallExpression): Map<string, Expr> {
  const inputs = new Map<string, Expr>()
  for (const name of INPUTS[call.builtin](call)) {
    const input = declare(environment, call.inputs[name], undefined, undefined, '')
    if (call.builtin === 'secret') input.secret = true
    inputs.set(name, input)
  }
  return inputs
}

const VALUE = () => ['value']

/** The arguments each builtin has, whether they are there or not. */
const INPUTS: Readonly<Record<BuiltinName, (call: CallExpression) => readonly string[]>> = {
  concat: VALUE,
  final: VALUE,
  fromBase64: VALUE,
  fromJSON: VALUE,
  join: () => ['delimiter', 'values'],
  open: () => ['provider', 'inputs'],
  rotate: () => ['provider', 'inputs', 'state'],
  secret: (call) => (call.inputs['ciphertext'] ? ['ciphertext'] : ['plaintext']),
  split: () => ['delimiter', 'string'],
  toBase64: VALUE,
  toJSON: VALUE,
  toString: VALUE,
  toYAML: VALUE,
  validate: () => ['schema', 'value'],
}
