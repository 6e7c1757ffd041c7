import type { CallContext, Inputs, SchemaSource } from '@headgate/lang'

/** What a source gave. Numbers beyond 2^53 come as bigint. */
export interface Opened {
  readonly value: unknown
  /** Whether all of it is secret; or the names of the entries that are. */
  readonly secret: boolean | ReadonlySet<string>
}

/** One way to fetch values from outside: what it takes, what it gives, and the fetching. It remembers nothing. */
export interface OutsideSource {
  readonly inputs: SchemaSource
  readonly outputs: SchemaSource
  /** @throws SourceFault, and only that: its message reaches people, so it never carries a value. */
  open(inputs: Inputs, context: CallContext): Promise<Opened>
}

/** One way to replace a secret outside. The state is kept, sealed, in the document that calls it. */
export interface OutsideRotator {
  readonly inputs: SchemaSource
  readonly state: SchemaSource
  readonly outputs: SchemaSource
  open(inputs: Inputs, state: Inputs | null, context: CallContext): Promise<Opened>
  /** The new state; all of it is secret. */
  rotate(inputs: Inputs, state: Inputs | null, context: CallContext): Promise<Opened>
}

/**
 * A fetch that failed, in words for the person who wrote the document. No part of what was sent or received stands in
 * it, but names: an error may be shown to someone who may not see the value.
 */
export class SourceFault extends Error {
  /** Whether the same call may succeed in a moment: a lost connection, a busy or broken server. */
  readonly passing: boolean

  constructor(message: string, { passing = false, cause }: { readonly passing?: boolean; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SourceFault'
    this.passing = passing
  }
}
