import { HeadgateError } from '@headgate/model'
import type { EnvironmentRun } from './environment-run.ts'
import { Expr, DONE } from './expression-state.ts'
import { ExportedValue, exportedValue } from './exported-value.ts'
import { importValue } from './import-value.ts'
import type { Value } from './value.ts'

const OWN_KEYS = ['currentEnvironment', 'rootEnvironment'] as const

/**
 * The values a caller put under `${context.…}`, by name.
 *
 * @throws {HeadgateError} LANG_CONTEXT_RESERVED for a name that is the language's own
 */
export function contextValues(
  context: ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>> | undefined,
): Map<string, ExportedValue> {
  const entries = context instanceof Map ? [...context] : Object.entries(context ?? {})
  const values = new Map<string, ExportedValue>(entries.map(([key, value]) => [key as string, exportedValue(value)]))
  for (const key of OWN_KEYS) if (values.has(key)) throw new HeadgateError('LANG_CONTEXT_RESERVED', { key })
  return values
}

/** `context` as one environment sees it. */
export function contextValue(environment: EnvironmentRun): Value {
  const values = new Map<string, ExportedValue>()
  // The copy every environment gets loses the flags of the topmost values; those inside them stay.
  for (const [key, value] of environment.run.context) values.set(key, new ExportedValue(value.value))
  values.set('currentEnvironment', exportedValue({ name: environment.name }))
  values.set('rootEnvironment', exportedValue({ name: environment.rootName }))
  const def = new Expr('outside', undefined, undefined, undefined)
  def.state = DONE
  return importValue(new ExportedValue(values), def)
}
