import type { Loaded } from './syntax/document.ts'
import type { Range } from '@headgate/model'
import type { ExportedValue } from './eval/exported-value.ts'

/** What went wrong outside, in words for the person who wrote the document; it becomes a diagnostic at the place. */
export interface Failure {
  readonly failure: string
}

/** A place in a document. */
export interface At {
  readonly path: string
  readonly range?: Range
}

/** Whether the scalar at a path below `values` is kept from whoever evaluates the environment. */
export type Withheld = (path: string) => boolean

/** Opens what a document's secrets are sealed with. One crypter belongs to one environment. */
export interface Crypter {
  /** Plaintext of a sealed secret (what is inside its envelope), or why there is none. */
  decrypt(ciphertext: Uint8Array, at: At, signal?: AbortSignal): Promise<Uint8Array | Failure>
}

export interface LoadedImport {
  readonly source: string | Uint8Array
  /** Where the environment is called something else than the import says: its name in ranges, and `currentEnvironment.name`. */
  readonly resolvedName?: string
  /** For the imported environment's secrets; without it they cannot be opened. */
  readonly crypter?: Crypter
  /** What of the imported environment is kept from whoever evaluates; absent where nothing is. */
  readonly withheld?: Withheld
}

export interface Importer {
  /** The importing environment, by its resolved name. */
  readonly name: string
  /** Whether it is the environment that was asked for, not one of its imports. */
  readonly isRoot: boolean
}

export interface Imports {
  /** The text of an imported environment, by its name as written. Called once for each name in a run. */
  load(name: string, importer: Importer, signal?: AbortSignal): Promise<LoadedImport | Failure>
  /** Whether one environment may import another; asked for every edge, before `load`. */
  authorise?(importer: Importer, imported: string, signal?: AbortSignal): Promise<Failure | undefined> | Failure | undefined
}

/** What the language asks besides inputs when it calls a provider. */
export interface CallContext {
  /** The run's context values, as `${context.…}` sees them. */
  readonly values: ReadonlyMap<string, ExportedValue>
  readonly currentEnvironment: string
  readonly rootEnvironment: string
  /** The call in its document. */
  readonly at: At
  readonly signal?: AbortSignal
}

/** A schema as JSON: `true`, `false`, or an object with keywords. Handed over once; it must not change afterwards. */
export type SchemaSource = boolean | { readonly [keyword: string]: unknown }

export type Inputs = ReadonlyMap<string, ExportedValue>

/** An outside source of values. What it gives may be an `ExportedValue` or plain data; flag secrets by `exportedValue(…, {secret: true})`. */
export interface Provider {
  schema(): { readonly inputs: SchemaSource; readonly outputs: SchemaSource }
  open(inputs: Inputs, context: CallContext): Promise<unknown | Failure>
}

/** A source whose secret can be replaced; its state is kept in the document. */
export interface Rotator {
  schema(): { readonly inputs: SchemaSource; readonly state: SchemaSource; readonly outputs: SchemaSource }
  open(inputs: Inputs, state: Inputs | null, context: CallContext): Promise<unknown | Failure>
  /** Makes the new secret and returns the new state. Called at most once in a run for each call. */
  rotate(inputs: Inputs, state: Inputs | null, context: CallContext): Promise<unknown | Failure>
}

export interface Providers {
  provider(name: string): Provider | Failure | Promise<Provider | Failure>
  rotator(name: string): Rotator | Failure | Promise<Rotator | Failure>
}

/** Everything outside that evaluating an environment may need. Whatever is absent is answered with a diagnostic where it is asked for. */
export interface Host {
  readonly imports?: Imports
  readonly providers?: Providers
  readonly crypter?: Crypter
  /** What of the environment asked for is kept from whoever evaluates; it is unknown to them, and so is what is made of it. */
  readonly withheld?: Withheld
  /** Values under `${context.…}`; `currentEnvironment` and `rootEnvironment` are the language's own. */
  readonly context?: ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>
}

export interface Options {
  readonly signal?: AbortSignal
  /** Outside calls under way at a time; 64 unless said otherwise. */
  readonly concurrency?: number
  /** In `check`: also open sealed secrets. */
  readonly showSecrets?: boolean
  /** Whether serialised values say where they and what they override come from; `none` unless said otherwise. */
  readonly trace?: 'full' | 'none'
  /** Parsed imports are kept here from run to run. */
  readonly trees?: TreeCache
  /**
   * Whether messages may quote from secrets, as the reference's do: the character that is no JSON, a provider's own words.
   * Messages end up in logs, so only comparing with the reference asks for `verbatim`.
   */
  readonly messages?: 'redacted' | 'verbatim'
}

/** Keeps parsed documents by name and content. */
export interface TreeCache {
  get(name: string, source: string | Uint8Array): Loaded | undefined
  set(name: string, source: string | Uint8Array, loaded: Loaded): void
}

export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'failure' in answer && typeof answer.failure === 'string'
}
