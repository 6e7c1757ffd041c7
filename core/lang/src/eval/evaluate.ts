import type { Diagnostic } from '@headgate/model'
import { type LanguageCode, diagnosticAt, plainDiagnostic } from '../diagnostics.ts'
import { ALWAYS, ANY_NUMBER, NEVER, type Schema } from '../schema/schema.ts'
import type { LiteralExpression } from '../syntax/expression.ts'
import { joinTexts } from '../yaml/bytes.ts'
import type { YamlNode } from '../yaml/node.ts'
import { evaluateAccess } from './access.ts'
import { evaluateCall } from './builtins.ts'
import { literalRepr } from './declared-schema.ts'
import type { EnvironmentRun } from './environment-run.ts'
import type { Expr } from './expression-state.ts'
import { DONE, EVALUATING, outside } from './expression-state.ts'
import { stringify } from './stringify.ts'
import { validate } from './validate.ts'
import { NESTING_LIMIT, TEXT_LIMIT, TEXT_PART } from '../limits.ts'
import { mergeValues, overridesFinal } from './merge-values.ts'
import { type Repr, Value, unknownValue } from './value.ts'
import { withholdOf } from './withhold.ts'

/** Reports something at an expression. It belongs to the one being evaluated, and goes when that one is evaluated again. */
export function report(environment: EnvironmentRun, owner: Expr, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return
  owner.diagnostics ??= []
  for (const diagnostic of diagnostics) owner.diagnostics.push(diagnostic)
  environment.reporting.add(owner)
}

/** Reports an error at an expression. */
export function fail(environment: EnvironmentRun, owner: Expr, code: LanguageCode, message: string, at: Expr = owner): void {
  report(environment, owner, [mistake(code, message, at)])
}

function mistake(code: LanguageCode, message: string, at: Expr): Diagnostic {
  return at.node ? diagnosticAt(code, message, at.node) : plainDiagnostic(code, message)
}

/** Counts the values an expression made or looked at beyond those the document says, once it has come to an end. */
function charge({ run }: EnvironmentRun, x: Expr, parts: number): void {
  run.made += parts
  if (run.made <= run.totalLimit) return
  run.spent ??= mistake('LANG_LIMIT', `references and functions make more than ${run.totalLimit} parts in all`, x)
}

/**
 * An expression's value, computed once.
 *
 * @param accept what the surroundings will take; it only decides whether an argument that rotation alone needs is left out
 * @returns undefined while an outside call is missing
 */
export function evaluate(environment: EnvironmentRun, x: Expr, accept: Schema, owner: Expr = x): Value | undefined {
  const { run } = environment
  if (x.state === DONE) {
    run.use(x)
    return x.value
  }
  if (x.missingIn === run.round) return undefined
  if (x.state === EVALUATING) {
    run.circle = Math.min(run.circle, x.depth)
    fail(environment, owner, 'LANG_CYCLE', `cyclic reference to ${x.path}`, x)
    return unknownValue(x)
  }
  if (accept.rotateOnlyValue && isLeftOut(environment)) return leaveOut(x)
  if (run.depth >= NESTING_LIMIT) {
    fail(environment, owner, 'LANG_LIMIT', `imports and references are nested deeper than ${NESTING_LIMIT} levels`, x)
    return unknownValue(x)
  }
  const before = run.enter(x)
  x.value = run.leave(x, before, compute(environment, x, accept))
  return x.value
}

/** As `evaluate`, and checks the value against a schema. */
export function evaluateTyped(
  environment: EnvironmentRun,
  owner: Expr,
  x: Expr,
  schema: Schema,
): { value: Value; fits: boolean } | undefined {
  const value = evaluate(environment, x, schema, owner)
  if (!value) return undefined
  const verdict = validate(value, schema)
  report(environment, owner, verdict.found)
  owner.cost += verdict.cost
  return { value, fits: verdict.fits }
}

/** Arguments only rotation needs are evaluated in the environment asked for, while rotating or checking. */
function isLeftOut(environment: EnvironmentRun): boolean {
  return !environment.isRoot || (!environment.rotating && !environment.validating)
}

function leaveOut(x: Expr): Value {
  const value = unknownValue(outside())
  value.rotateOnly = true
  x.skipped = true
  x.state = DONE
  x.value = value
  return value
}

function compute(environment: EnvironmentRun, x: Expr, accept: Schema): Value | undefined {
  if (x.base?.final) {
    warnFinal(environment, x)
    return x.base
  }
  x.cost = 0
  const makes = makesValues(x)
  const own = environment.run.spent && makes ? nothingMore(environment, x) : computeOwn(environment, x, accept)
  if (!own) return undefined
  charge(environment, x, x.cost + (makes ? own.bound : 0))
  const bounded = own.bound > environment.run.sizeLimit || own.depth > NESTING_LIMIT ? boundSize(environment, x, own) : own
  if (accept.rotateOnlyValue) bounded.rotateOnly = true
  const value = x.secret ? bounded.asSecret() : bounded
  const laid = x.base ? layOver(environment, x, value, x.base) : value
  return environment.withheld ? withholdOf(x, laid, environment.withheld) : laid
}

/** Whether an expression's value is more than what the document says there. */
function makesValues(x: Expr): boolean {
  if (x.kind === 'call') return x.call.builtin !== 'secret' && x.call.builtin !== 'rotate'
  return x.kind === 'reference' || x.kind === 'interpolation'
}

/** Instead of a value, once too many were made. Arguments are evaluated all the same: a rotation in them may be under way. */
function nothingMore(environment: EnvironmentRun, x: Expr): Value | undefined {
  let missing = false
  for (const argument of x.inputs?.values() ?? []) if (!evaluate(environment, argument, ALWAYS, x)) missing = true
  return missing ? undefined : unknownValue(x, x.declared)
}

function boundSize(environment: EnvironmentRun, x: Expr, value: Value): Value {
  if (value.depth > NESTING_LIMIT) fail(environment, x, 'LANG_LIMIT', `the value is nested deeper than ${NESTING_LIMIT} levels`)
  else return value.size > environment.run.sizeLimit ? tooManyParts(environment, x) : value
  return unknownValue(x)
}

/** A value that would be made of more parts than the language allows. */
export function tooManyParts(environment: EnvironmentRun, x: Expr): Value {
  fail(environment, x, 'LANG_LIMIT', `the value has more than ${environment.run.sizeLimit} parts`)
  return unknownValue(x)
}

function layOver(environment: EnvironmentRun, x: Expr, value: Value, base: Value): Value {
  // Entries of a literal were evaluated over the base's properties already.
  if (x.kind === 'object' || x.kind === 'root') return value.literalOver(base)
  if (environment.run.sawFinal && overridesFinal(value, base)) warnFinal(environment, x)
  return mergeValues(value, base)
}

function warnFinal(environment: EnvironmentRun, x: Expr): void {
  const message = 'cannot override final value'
  report(environment, x, [
    x.node ? diagnosticAt('LANG_FINAL', message, x.node, 'warning') : plainDiagnostic('LANG_FINAL', message, 'warning'),
  ])
}

function computeOwn(environment: EnvironmentRun, x: Expr, accept: Schema): Value | undefined {
  switch (x.kind) {
    case 'number':
      if (!isFinite(x)) return infinite(environment, x)
      return new Value(x, literalRepr(x.expression as LiteralExpression), undefined)
    case 'null':
    case 'boolean':
    case 'string':
      return new Value(x, literalRepr(x.expression as LiteralExpression), undefined)
    case 'interpolation':
      return computeInterpolation(environment, x)
    case 'reference':
      return computeReference(environment, x, accept)
    case 'array':
      return computeArray(environment, x, accept)
    case 'object':
    case 'root':
      return computeObject(environment, x, accept)
    case 'call':
      return evaluateCall(environment, x)
    default:
      return unknownValue(x, x.declared)
  }
}

/** Infinity and NaN, which YAML can write and JSON cannot. */
function isFinite(x: Expr): boolean {
  const { text } = x.expression as LiteralExpression
  return !text.endsWith('f') && !text.endsWith('N')
}

function infinite(environment: EnvironmentRun, x: Expr): Value {
  fail(environment, x, 'LANG_VALUE', `${(x.node as YamlNode).value} is no number that JSON can hold; write it as a string`)
  return unknownValue(x, ANY_NUMBER)
}

function computeReference(environment: EnvironmentRun, x: Expr, accept: Schema): Value | undefined {
  return evaluateAccess(environment, x, 0, accept)?.madeBy(x)
}

function computeArray(environment: EnvironmentRun, x: Expr, accept: Schema): Value | undefined {
  const elements: Value[] = []
  let missing = false
  for (const [i, element] of (x.elements ?? []).entries()) {
    const value = evaluate(environment, element, accept.item(i))
    if (value) elements.push(value)
    else missing = true
  }
  return missing ? undefined : new Value(x, elements.slice(), undefined)
}

function computeObject(environment: EnvironmentRun, x: Expr, accept: Schema): Value | undefined {
  const properties = x.properties ?? new Map<string, Expr>()
  const entries = new Map<string, Value>()
  let missing = false
  const order = x.expression?.kind === 'object' ? x.expression.order : environment.document.order
  for (const key of order) {
    const property = properties.get(key)
    // Reserved keys at the root are no properties.
    if (!property) continue
    const value = evaluate(environment, property, accept.always ? NEVER : accept.property(key))
    if (value) entries.set(key, value)
    else missing = true
  }
  return missing ? undefined : new Value(x, entries, undefined)
}

function computeInterpolation(environment: EnvironmentRun, x: Expr): Value | undefined {
  const texts: string[] = []
  let missing = false
  let unknown = false
  let secret = false
  let size = 0
  for (const [i, part] of x.parts.entries()) {
    texts.push(part.text)
    if (!part.access) continue
    const value = evaluateAccess(environment, x, i, ALWAYS)
    if (!value) {
      missing = true
      continue
    }
    const text = stringify(value, TEXT_LIMIT - size)
    if (text === 'too large') return tooLarge(environment, x)
    unknown ||= text.unknown
    secret ||= text.secret
    size += text.text.length
    if (!text.unknown) texts.push(text.text)
  }
  if (missing) return undefined
  const repr: Repr = unknown ? '[unknown]' : joinTexts(texts)
  return new Value(x, repr, x.declared, undefined, { unknown, secret })
}

/** A text that would be longer than the language allows. */
export function tooLarge(environment: EnvironmentRun, x: Expr): Value {
  fail(environment, x, 'LANG_LIMIT', `the text would be longer than ${TEXT_LIMIT} characters`)
  // It had to be put together to be found too long.
  x.cost += TEXT_LIMIT / TEXT_PART
  return unknownValue(x, x.declared)
}
