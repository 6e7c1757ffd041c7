import type { Secret } from '@headgate/model'
import { type Database, type Store, createStore, openDatabase } from '@headgate/store'
import { type ChangeWriter, createChangeWriter } from './change-writer.ts'
import { keyFileSource } from './key-sources/key-file.ts'
import type { KeySource } from './key-sources/key-source.ts'
import { type KeyRotation, type KeyRotationOptions, createKeyRotation } from './rotation/key-rotation.ts'
import type { RotationTargets } from './rotation/source-in-use.ts'
import { type KeyLimits, createKeyRolling, defaultLimits } from './rotation/roll-data-keys.ts'
import { type Vault, openVault } from './vault.ts'

export interface SealedStoreOptions {
  readonly folder: string
  /** The address of a PostgreSQL database. Default: a SQLite file in the folder. */
  readonly address?: Secret
  /** Bytes of the disk to keep for when it is full; default none. */
  readonly reserve?: number
  /** Default: a key file outside the data folder. */
  readonly keySource?: KeySource
  /** False refuses with DATA_MISSING where there is no database yet. Default true. */
  readonly create?: boolean
  readonly for?: 'work' | 'inspection'
  readonly now?: () => number
  readonly onListenerError?: (error: unknown) => void
  /** Where a root key can be moved to, besides where it is. */
  readonly targets?: RotationTargets
  /** When a data key makes room for the next. */
  readonly limits?: KeyLimits
  readonly rotation?: Pick<KeyRotationOptions, 'batch' | 'onBatch' | 'threadFrom'>
}

/** An open data folder: the database, its keys, checked reads, and the way to change things. */
export interface SealedStore {
  readonly database: Database
  readonly vault: Vault
  readonly store: Store
  readonly changes: ChangeWriter
  /** Shows keys and rotates them. A rotation that was cut off goes on when `keys.resume` is called. */
  readonly keys: KeyRotation
  /** Whether this is the folder's first start. */
  readonly created: boolean
  /** Waits for what is on its way, then lets go of everything. */
  close(): Promise<void>
}

/** Opens a data folder with its keys. Throws what `openDatabase` and `openVault` throw, with nothing left open. */
export async function openSealedStore(options: SealedStoreOptions): Promise<SealedStore> {
  const { folder, address, create, reserve, keySource = keyFileSource(), now } = options
  const database = await openDatabase({
    folder,
    ...(address ? { address } : {}),
    ...(create === undefined ? {} : { create }),
    ...(reserve === undefined ? {} : { reserve }),
  })
  try {
    // Of two processes that start for the first time, one makes the keys and the other finds them.
    const vault = await database.alone(() =>
      openVault({
        database,
        keySource,
        ...(options.for === undefined ? {} : { for: options.for }),
        ...(now === undefined ? {} : { now }),
      }),
    )
    return sealedStoreOf(database, vault, options)
  } catch (error) {
    await database.close()
    throw error
  }
}

/** The same over a database and a vault that are open already. */
export function sealedStoreOf(
  database: Database,
  vault: Vault,
  options: Pick<SealedStoreOptions, 'onListenerError' | 'targets' | 'limits' | 'rotation' | 'now'> = {},
): SealedStore {
  const { protection, sequencer, keyring } = vault
  const { onListenerError, targets = {}, limits = defaultLimits, now = Date.now } = options
  const store = createStore(database, { protection, sequencer, ...(onListenerError ? { onListenerError } : {}) })
  const writer = createChangeWriter(store, vault)
  const rolling = createKeyRolling({ keyring, store, changes: writer, limits, now })
  const changes: ChangeWriter = {
    ...writer,
    async commit(change) {
      const result = await writer.commit(change)
      rolling.consider()
      return result
    },
  }
  const keys = createKeyRotation({ ...options.rotation, vault, store, changes, targets, now })
  return {
    database,
    vault,
    store,
    changes,
    keys,
    created: vault.created,
    async close() {
      await keys.close()
      await rolling.settled()
      await store.close()
      await vault.close()
      await database.close()
    },
  }
}
