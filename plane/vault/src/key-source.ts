import type { Secret } from '@headgate/model'

/**
 * Where a root key comes from. Everything else of the keyring hangs on this one key, so a source does two things
 * only: hand it over, and make one at the first start.
 *
 * A new source is a file beside this one that implements this interface, and a line in the table of docs/security.md.
 */
export interface KeySource {
  /** Where the key of a data folder is, in words a person can act on: what to back up. Never the key. */
  place(folderId: string): string
  /** Where the log's newest checkpoint is kept outside the data folder; undefined where the source has no such place. */
  anchorFile(folderId: string): string | undefined
  /**
   * The key, 32 bytes.
   *
   * @returns undefined where there is none
   * @throws KEY_EXPOSED, KEY_UNREADABLE where there is one that must not or cannot be used
   */
  load(folderId: string): Promise<Secret<Uint8Array> | undefined>
  /**
   * Keeps a new key for a data folder; durable when it returns.
   *
   * @throws KEY_EXISTS where another key is kept there already
   */
  store(folderId: string, key: Secret<Uint8Array>): Promise<void>
}

/** A key that is given and kept nowhere: for tests and for sources that are read before start. */
export function givenKeySource(key: Secret<Uint8Array>): KeySource {
  return {
    place: () => 'the key that was given',
    anchorFile: () => undefined,
    load: async () => key,
    store: async () => undefined,
  }
}
