import { Environment } from '../environment.ts'
import type { Expr } from '../eval/expression-state.ts'
import type { Value } from '../eval/value.ts'
import { entries, object } from './json-text.ts'
import { ExpressionWriter } from './serialise-expression.ts'
import { ValueWriter } from './serialise-value.ts'

/**
 * An environment in the shape of the wire protocol, as JSON text: expressions, values, schema and context.
 *
 * Secrets are in it, and not only where a flag says so: schemas and expressions repeat them. For someone who may not see
 * them, use `scrub`.
 */
export function serialise(environment: Environment): string {
  return serialiseWith(environment, false)
}

/**
 * As `serialise`, without anything secret: flagged values, and the copies without a flag in schemas and expressions.
 */
export function scrub(environment: Environment): string {
  return serialiseWith(environment, true)
}

function serialiseWith(environment: Environment, scrubbed: boolean): string {
  const { root, value, trace } = Environment.contentsOf(environment)
  const values = new ValueWriter(root.name, trace, scrubbed)
  const expressions = new ExpressionWriter(root.name, root.document.source.text.length, scrubbed, values)
  const properties = value.keys().map((key) => [key, values.write(value.property(key) as Value)] as const)
  const exprs = [...((root.root as Expr).properties ?? [])].map(([key, expr]) => [key, expressions.write(expr)] as const)
  return object([
    ['exprs', entries(exprs)],
    ['properties', entries(properties)],
    ['schema', values.rootSchema(value)],
    ['executionContext', contextText(root.context, values)],
  ])
}

function contextText(context: Value, values: ValueWriter): string {
  const properties = context.keys().map((key) => [key, values.write(context.property(key) as Value)] as const)
  return object([
    ['properties', entries(properties)],
    ['schema', values.schema(context)],
  ])
}
