import { type Database, type Store, createStore, openDatabase } from '@headgate/store'
import { type ChangeWriter, createChangeWriter } from './change-writer.ts'
import { keyFileSource } from './key-file.ts'
import type { KeySource } from './key-source.ts'
import { type Vault, openVault } from './vault.ts'

export interface SealedStoreOptions {
  readonly folder: string
  /** Default: a key file outside the data folder. */
  readonly keySource?: KeySource
  /** False refuses with DATA_MISSING where there is no database yet. Default true. */
  readonly create?: boolean
  readonly for?: 'work' | 'inspection'
  readonly now?: () => number
  readonly onListenerError?: (error: unknown) => void
}

/** An open data folder: the database, its keys, checked reads, and the way to change things. */
export interface SealedStore {
  readonly database: Database
  readonly vault: Vault
  readonly store: Store
  readonly changes: ChangeWriter
  /** Whether this is the folder's first start. */
  readonly created: boolean
  /** Waits for what is on its way, then lets go of everything. */
  close(): Promise<void>
}

/** Opens a data folder with its keys. Throws what `openDatabase` and `openVault` throw, with nothing left open. */
export async function openSealedStore(options: SealedStoreOptions): Promise<SealedStore> {
  const { folder, create, keySource = keyFileSource(), now } = options
  const database = await openDatabase({ folder, ...(create === undefined ? {} : { create }) })
  try {
    const vault = await openVault({
      database,
      keySource,
      ...(options.for === undefined ? {} : { for: options.for }),
      ...(now === undefined ? {} : { now }),
    })
    return sealedStoreOf(database, vault, options.onListenerError)
  } catch (error) {
    await database.close()
    throw error
  }
}

/** The same over a database and a vault that are open already. */
export function sealedStoreOf(database: Database, vault: Vault, onListenerError?: (error: unknown) => void): SealedStore {
  const { protection, sequencer } = vault
  const store = createStore(database, { protection, sequencer, ...(onListenerError ? { onListenerError } : {}) })
  return {
    database,
    vault,
    store,
    changes: createChangeWriter(store, vault),
    created: vault.created,
    async close() {
      await store.close()
      await vault.close()
      await database.close()
    },
  }
}
