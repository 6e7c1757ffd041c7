import type { Diagnostic } from '@headgate/model'
import { diagnosticAt } from '../diagnostics.ts'
import { type CallContext, type Failure, type Inputs, type Provider, type Rotator, type SchemaSource, isFailure } from '../host.ts'
import { compileSchema } from '../schema/compile-schema.ts'
import { SchemaFault, readSchema } from '../schema/read-schema.ts'
import { ALWAYS, NULL, type Schema, oneOf } from '../schema/schema.ts'
import { toJsonValue } from '../text/json.ts'
import { joinKey } from '../yaml/document-path.ts'
import type { YamlNode } from '../yaml/node.ts'
import { input } from './builtins.ts'
import type { EnvironmentRun } from './environment-run.ts'
import { evaluateTyped, fail } from './evaluate.ts'
import type { ExportedValue } from './exported-value.ts'
import { exportedValue } from './exported-value.ts'
import type { Expr } from './expression-state.ts'
import { exportValue, importValue } from './import-value.ts'
import { lookUpOutside, outsideCall } from './outside-call.ts'
import { redactMessage } from './redact-message.ts'
import { type Value, unknownValue } from './value.ts'

type Answered<T> = { readonly value: T } | 'failed' | undefined

/** `fn::open`: asks a provider for a value. Never while checking, and not with inputs that do not fit or are not known. */
export function evaluateOpen(environment: EnvironmentRun, x: Expr): Value | undefined {
  const { provider: name } = x.call
  if (name === undefined) return unknownValue(x)
  const found = lookUp<Provider>(
    environment,
    x,
    () => environment.run.host.providers?.provider(name) ?? { failure: `unknown provider "${name}"` },
  )
  if (!found) return undefined
  const output = found === 'failed' ? ALWAYS : readProviderSchemas(environment, x, found.value)
  const inputs = evaluateTyped(environment, x, input(x, 'inputs'), x.taken?.inputs ?? ALWAYS)
  if (!inputs) return undefined
  if (found === 'failed' || !inputs.fits || inputs.value.containsUnknown) return unknownValue(x, output)
  if (!isObject(environment, x, inputs.value) || environment.validating) return unknownValue(x, output)
  const provider = found.value
  const given = exportValue(inputs.value)
  const answer = ask(environment, x, 'open', [given], (context) => provider.open(given.value as Inputs, context))
  return opened(environment, x, answer, output)
}

function readProviderSchemas(environment: EnvironmentRun, x: Expr, provider: Provider): Schema {
  const schemas = provider.schema()
  x.taken = { inputs: compiled(environment, x, schemas.inputs, 'input schema'), state: ALWAYS }
  return compiled(environment, x, schemas.outputs, 'schema')
}

/** `fn::rotate`: asks a rotator for a value, after replacing its secret where this call is to be rotated. */
export function evaluateRotate(environment: EnvironmentRun, x: Expr): Value | undefined {
  const { provider: name } = x.call
  if (name === undefined) return unknownValue(x)
  const found = lookUp<Rotator>(
    environment,
    x,
    () => environment.run.host.providers?.rotator(name) ?? { failure: `unknown rotator "${name}"` },
  )
  if (!found) return undefined
  const output = found === 'failed' ? ALWAYS : readRotatorSchemas(environment, x, found.value)
  const inputs = evaluateTyped(environment, x, input(x, 'inputs'), x.taken?.inputs ?? ALWAYS)
  const state = evaluateTyped(environment, x, input(x, 'state'), x.taken?.state ?? ALWAYS)
  if (!inputs || !state) return undefined
  const known = !inputs.value.containsObservableUnknown(environment.rotating) && !state.value.containsUnknown
  const fits = found !== 'failed' && inputs.fits && state.fits && known
  if (!fits || !isObject(environment, x, inputs.value) || environment.validating) {
    const { path } = x.node as YamlNode
    if (environment.rotates(path)) environment.run.rotations.set(path, { path, status: 'not-evaluated' })
    return unknownValue(x, output)
  }
  return rotateAndOpen(environment, x, found.value, exportValue(inputs.value), exportValue(state.value), output)
}

function readRotatorSchemas(environment: EnvironmentRun, x: Expr, rotator: Rotator): Schema {
  const schemas = rotator.schema()
  const inputs = compiled(environment, x, schemas.inputs, 'input schema')
  x.taken = { inputs, state: compiled(environment, x, schemas.state, 'state schema', (schema) => oneOf([schema, NULL])) }
  return compiled(environment, x, schemas.outputs, 'schema')
}

function rotateAndOpen(
  environment: EnvironmentRun,
  x: Expr,
  rotator: Rotator,
  given: ExportedValue,
  state: ExportedValue,
  output: Schema,
): Value | undefined {
  const path = (x.node as YamlNode).path
  const inputs = given.value as Inputs
  let current = state
  if (environment.rotates(path)) {
    const answer = ask(environment, x, 'rotate', [given, state], (context) => rotator.rotate(inputs, stateOf(state), context))
    if (!answer) return undefined
    const { rotations } = environment.run
    if ('failure' in answer) {
      rotations.set(path, { path, status: 'failed', diagnostics: [at(x, answer.failure)] })
      fail(environment, x, 'LANG_PROVIDER', `rotate: ${answer.failure}`)
      return unknownValue(x, output)
    }
    rotations.set(path, { path, status: 'succeeded', patch: { path: `${joinKey(path, x.call.name)}.state`, value: answer.value } })
    current = answer.value
  }
  const answer = ask(environment, x, 'open', [given, current], (context) => rotator.open(inputs, stateOf(current), context))
  return opened(environment, x, answer, output)
}

function at(x: Expr, message: string): Diagnostic {
  return diagnosticAt('LANG_PROVIDER', message, x.node as YamlNode)
}

function stateOf(state: ExportedValue): Inputs | null {
  return state.value instanceof Map ? (state.value as Inputs) : null
}

/** Inputs that are no object cannot be handed over, even where the provider's schema takes anything. */
function isObject(environment: EnvironmentRun, x: Expr, { repr, isMap, unknown, def }: Value): boolean {
  // Unknown as a whole: what only rotation needs.
  if (isMap || unknown) return true
  const kind = repr === null ? 'null' : Array.isArray(repr) ? 'array' : typeof repr === 'object' ? 'number' : typeof repr
  fail(environment, x, 'LANG_SCHEMA', `expected object, got ${kind}`, def)
  return false
}

function lookUp<T extends object>(environment: EnvironmentRun, x: Expr, find: () => T | Failure | Promise<T | Failure>): Answered<T> {
  const call = lookUpOutside<T | Failure>(environment, x, find)
  if (!call.answer) return undefined
  const answer = call.answer.value
  if (!isFailure(answer)) return { value: answer }
  fail(environment, x, 'LANG_PROVIDER', answer.failure)
  return 'failed'
}

/** Compiled schemas by what they were made from: providers hand out the same objects again and again. */
const known = new WeakMap<object, Schema>()
/** A rotator's state may be what it returns as well, and is compiled in another way. */
const knownStates = new WeakMap<object, Schema>()

function compiled(environment: EnvironmentRun, x: Expr, source: SchemaSource, name: string, wrap = (schema: Schema) => schema): Schema {
  const compiledBefore = name === 'state schema' ? knownStates : known
  const cached = typeof source === 'object' && compiledBefore.get(source)
  if (cached) return cached
  try {
    const schema = compileSchema(wrap(readSchema(toJsonValue(source))))
    if (typeof source === 'object') compiledBefore.set(source, schema)
    return schema
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error
    fail(environment, x, 'LANG_PROVIDER', `internal error: invalid ${name} (${error.message})`)
    return ALWAYS
  }
}

function ask(
  environment: EnvironmentRun,
  x: Expr,
  step: string,
  handedOut: readonly ExportedValue[],
  call: (context: CallContext) => Promise<unknown>,
): { readonly value: ExportedValue } | Failure | undefined {
  const { run } = environment
  const node = x.node as YamlNode
  const { signal } = run.options
  const context: CallContext = {
    values: run.context,
    currentEnvironment: environment.name,
    rootEnvironment: environment.rootName,
    at: { path: node.path, range: node.range },
    ...(signal ? { signal } : {}),
  }
  const { answer } = outsideCall(environment, x, step, async () => {
    const given = await call(context)
    if (!isFailure(given)) return { value: exportedValue(given) }
    return run.discreet ? { failure: redactMessage(given.failure, handedOut) } : given
  })
  return answer?.value
}

function opened(environment: EnvironmentRun, x: Expr, answer: ReturnType<typeof ask>, output: Schema): Value | undefined {
  if (!answer) return undefined
  if ('failure' in answer) {
    fail(environment, x, 'LANG_PROVIDER', answer.failure)
    return unknownValue(x, output)
  }
  return importValue(answer.value.secret ? answer.value.asSecret() : answer.value, x)
}
