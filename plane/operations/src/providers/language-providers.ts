import { type ExportedValue, type Failure, type Providers, exportedValue } from '@headgate/lang'
import type { Opened, OutsideProviders } from '@headgate/providers'

/** Providers as the language calls them, and what they are called. */
export interface NamedProviders extends Providers {
  readonly providerNames: readonly string[]
  readonly rotatorNames: readonly string[]
}

/** Outside sources as the language knows them: what they give becomes values, flagged secret where the source says so. */
export function languageProviders(outside: OutsideProviders): NamedProviders {
  return {
    providerNames: outside.providerNames,
    rotatorNames: outside.rotatorNames,
    provider(name) {
      const found = outside.provider(name)
      if ('failure' in found) return found
      return { schema: () => found.schema(), open: async (inputs, context) => valueOf(await found.open(inputs, context)) }
    },
    rotator(name) {
      const found = outside.rotator(name)
      if ('failure' in found) return found
      return {
        schema: () => found.schema(),
        open: async (inputs, state, context) => valueOf(await found.open(inputs, state, context)),
        rotate: async (inputs, state, context) => valueOf(await found.rotate(inputs, state, context)),
      }
    },
  }
}

function valueOf(opened: Opened | Failure): ExportedValue | Failure {
  if ('failure' in opened) return opened
  const { value, secret } = opened
  if (typeof secret === 'boolean') return exportedValue(value, { secret })
  const entries = value instanceof Map ? [...(value as ReadonlyMap<string, unknown>)] : Object.entries(value as object)
  return exportedValue(new Map(entries.map(([key, entry]) => [key, exportedValue(entry, { secret: secret.has(key) })])))
}
