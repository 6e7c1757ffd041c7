import type { Secret } from '@headgate/model'
import type { RootEnvelope } from './root-envelope.ts'
import { copyOf } from './root-key.ts'

/**
 * Where root keys can come from. `given` is for tests and for work on a copy; it is not offered to users.
 */
export type KeySourceKind = 'file' | 'passphrase' | 'environment' | 'kms' | 'given'

/**
 * Where a root key comes from. Everything else of the keyring hangs on this one key, so a source does three things
 * only: hand it over, wrap one for the database where it keeps none itself, and keep one where it does.
 *
 * A new source is a file beside this one that implements this interface, a line in the conformance suite
 * (test/key-sources.test.ts), and a line in the tables of docs/security.md and docs/reference/keys.md.
 */
export interface KeySource {
  readonly kind: KeySourceKind
  /** Where the key of a data folder is, in words a person can act on: what to back up. Never the key. */
  place(folderId: string): string
  /** Where the log's newest checkpoint is kept outside the data folder; undefined where the source has no such place. */
  anchorFile(folderId: string): string | undefined
  /**
   * The key, 32 bytes, in memory that the caller wipes.
   *
   * @param envelopes every wrapped root key the database keeps; while a root key is rotated there may be two
   * @returns undefined where there is none yet
   * @throws KEY_EXPOSED, KEY_UNREADABLE, KEY_PASSPHRASE_WRONG, KMS_… where there is one that must not or cannot be used
   */
  load(folderId: string, envelopes: readonly RootEnvelope[]): Promise<Secret<Uint8Array> | undefined>
  /**
   * What the database has to keep so that this source can hand this key over later; undefined where it keeps the key
   * itself. Nothing is stored yet.
   *
   * @throws KEY_EXISTS where the source stands for one other key and cannot take this one; KMS_…
   */
  wrap(folderId: string, key: Secret<Uint8Array>): Promise<RootEnvelope | undefined>
  /**
   * Keeps a new key where the source keeps keys itself; durable when it returns, and done once more without harm.
   *
   * @param replaces the id of the root key that may be overwritten; without it nothing is
   * @throws KEY_EXISTS where another key is kept there already
   */
  store(folderId: string, key: Secret<Uint8Array>, replaces?: string): Promise<void>
  /** Takes a key away again that `store` put there; anything else that is there stays. */
  withdraw(folderId: string, rootId: string): Promise<void>
  /** Wipes what the source itself holds in memory, and ends what it does by itself. */
  close(): void
}

/** A key that is given and kept nowhere: for tests, and for what is read before start. */
export function givenKeySource(key: Secret<Uint8Array>): KeySource {
  return {
    kind: 'given',
    place: () => 'the key that was given',
    anchorFile: () => undefined,
    // A copy: whoever loads a key wipes it.
    load: async () => copyOf(key),
    wrap: async () => undefined,
    store: async () => undefined,
    withdraw: async () => undefined,
    close() {},
  }
}
