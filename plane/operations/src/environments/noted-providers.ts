import type { CallContext, Failure, Providers } from '@headgate/lang'

/** A call of a provider that was made: what it gives is as old as that moment, and frozen nowhere. */
export interface ProviderCall {
  readonly provider: string
  /** The environment whose text makes the call, as the language names it. */
  readonly environment: string
  /** The path of the call in that text. */
  readonly path: string
}

/** The same providers, each call noted in `calls`, once per place. */
export function notingProviders(providers: Providers, calls: ProviderCall[]): Providers {
  const note = (provider: string, { currentEnvironment: environment, at: { path } }: CallContext) => {
    if (!calls.some((call) => call.environment === environment && call.path === path)) calls.push({ provider, environment, path })
  }
  const wrap = <P extends object>(name: string, found: P | Failure, wrapped: (known: P) => P): P | Failure =>
    'failure' in found ? found : wrapped(found)
  return {
    provider: async (name) =>
      wrap(name, await providers.provider(name), (known) => ({
        schema: () => known.schema(),
        open: (inputs, context) => (note(name, context), known.open(inputs, context)),
      })),
    rotator: async (name) =>
      wrap(name, await providers.rotator(name), (known) => ({
        schema: () => known.schema(),
        open: (inputs, state, context) => (note(name, context), known.open(inputs, state, context)),
        rotate: (inputs, state, context) => (note(name, context), known.rotate(inputs, state, context)),
      })),
  }
}
