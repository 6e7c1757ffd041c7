import { diagnosticAt } from '../diagnostics.ts'
import { REDACTED } from '@headgate/model'
import { compileSchema } from '../schema/compile-schema.ts'
import { META_SCHEMA } from '../schema/meta-schema.ts'
import { SchemaFault, readSchema } from '../schema/read-schema.ts'
import { ALWAYS, type Schema } from '../schema/schema.ts'
import { input, passedThrough } from './builtins.ts'
import type { EnvironmentRun } from './environment-run.ts'
import { evaluate, evaluateTyped, report } from './evaluate.ts'
import type { Expr } from './expression-state.ts'
import { plainJson } from './plain-json.ts'
import { validate } from './validate.ts'
import type { Value } from './value.ts'

/** `fn::validate`: the value, whatever the verdict; what does not fit is reported. */
export function evaluateValidate(environment: EnvironmentRun, x: Expr): Value | undefined {
  const schemaExpr = input(x, 'schema')
  const typed = evaluateTyped(environment, x, schemaExpr, META_SCHEMA)
  if (!typed) return undefined
  const schema = typed.fits && !typed.value.containsUnknown ? readSchemaValue(environment, x, schemaExpr, typed.value) : undefined
  const value = evaluate(environment, input(x, 'value'), schema ?? ALWAYS, x)
  if (!value) return undefined
  if (schema) {
    const verdict = validate(value, schema, typed.value.containsSecret && environment.run.discreet)
    report(environment, x, verdict.found)
    x.cost += verdict.cost + typed.value.bound
  }
  return passedThrough(x, value)
}

/** Undefined for a value that is no schema, which is reported. */
function readSchemaValue(environment: EnvironmentRun, x: Expr, schemaExpr: Expr, value: Value): Schema | undefined {
  try {
    return compileSchema(readSchema(plainJson(value, false)))
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error
    const at = blamed(value, error.at) ?? schemaExpr
    const reason = value.containsSecret && environment.run.discreet ? REDACTED : error.message
    if (at.node) report(environment, x, [diagnosticAt('LANG_SCHEMA', `invalid schema: ${reason}`, at.node)])
    return undefined
  }
}

/** The expression that made the part of a schema that is wrong, as near as it can be told. */
function blamed(schema: Value, path: readonly (string | number)[]): Expr | undefined {
  let at: Value | undefined = schema
  let found: Expr | undefined
  for (const key of path) {
    at = typeof key === 'number' ? (at.repr as readonly Value[])[key] : at.property(key)
    if (!at) return found
    if (at.def.node) found = at.def
  }
  return found
}
