import type { EnvironmentName } from '@headgate/model'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

/** Where values came from. Everything but `plane` is a stand-in, and is reported as one. */
export type Source = 'plane' | 'fallback' | 'dotenv' | 'environment'

/** An environment at a revision. */
export interface Pinned extends EnvironmentName {
  readonly revision: number
}

export interface Variable {
  readonly value: string
  readonly secret: boolean
}

/** The values of an environment at one moment. Never changed: a reload brings another one. */
export interface Snapshot {
  readonly source: Source
  /** As people write it: `shop/production`. */
  readonly environment: string
  /** Known once a plane answered; a stand-in from `.env` files has none. */
  readonly organisation?: string
  /** 0 where there is none: values from `.env` files and from the process's own variables. */
  readonly revision: number
  /** Every environment whose values went in, with its revision; the environment itself first. */
  readonly closure: readonly Pinned[]
  readonly values: JsonObject
  /** Paths of `values` that are secret, the topmost each. */
  readonly secrets: readonly string[]
  readonly variables: ReadonlyMap<string, Variable>
  /** What the environment delivers as files, by name. Absent where it is not known: in `.env` files, and in copies that were kept without. */
  readonly files?: ReadonlyMap<string, Variable>
  /** In a release: the digest of the configuration the instance is pinned to. */
  readonly configuration?: string
  /** When the plane gave these values, in milliseconds since 1970; for a fallback copy, when it was written. */
  readonly readAt: number
  /** Set where the plane sent them of its own accord. `readAt` is then when they came, and they may be older than that. */
  readonly pushed?: true
}

/** How a snapshot is called in messages: `revision 7 from the plane`. */
export function originOf(snapshot: Snapshot): string {
  if (snapshot.source === 'dotenv') return 'from .env files'
  if (snapshot.source === 'environment') return 'from the environment variables of this process'
  return `revision ${snapshot.revision} from ${snapshot.source === 'plane' ? 'the plane' : 'the fallback copy'}`
}

/**
 * Makes values that are handed out impossible to change, so that one reader cannot alter what another reads. The names are
 * gone through by `for in`, and before the freezing: with many of them, a list of their values would cost as much again.
 */
export function freezeDeep<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const container = value as Record<string, Json>
  for (const name in container) {
    if (Object.hasOwn(container, name)) freezeDeep(container[name] as Json)
  }
  return Object.freeze(value)
}
