import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type CallContext, type Inputs, exportedValue } from '@headgate/lang'
import { type OutsideProviders, type ProviderSettings, createProviders } from '@headgate/providers'

/** Short limits, so that a fault takes no patience. */
export const SHORT = { attemptMs: 300, retries: 2, breakAfter: 100, breakMs: 200 }

export const noIdentity = { token: () => Promise.reject(new Error('no identity is asked for here')) }

export function makeProviders(t: TestContext, settings: Partial<ProviderSettings> = {}): OutsideProviders {
  const providers = createProviders({ identity: noIdentity, limits: SHORT, ...settings })
  t.after(() => providers.close())
  return providers
}

export function inputsOf(data: unknown): Inputs {
  return exportedValue(data).value as Inputs
}

export const context: CallContext = {
  values: new Map(),
  currentEnvironment: 'shop/base',
  rootEnvironment: 'shop/production',
  at: { path: 'values.call' },
}

/** Opens one provider; a failure comes as `{ failure }`. */
export async function openOne(providers: OutsideProviders, name: string, inputs: unknown, signal?: AbortSignal) {
  const provider = providers.provider(name)
  if ('failure' in provider) throw new Error(provider.failure)
  return provider.open(inputsOf(inputs), signal ? { ...context, signal } : context)
}

/** Plain data of what a provider gave, maps as objects. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [key, plain(entry)]))
  return value
}

/** A secret of this run, to be looked for in places where it must not be. */
export const freshSecret = (): string => `test-only-${randomUUID()}`
