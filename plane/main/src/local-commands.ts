import { HeadgateError, type Result, Secret, ok } from '@headgate/model'
import { replaceOwnerToken } from '@headgate/operations'
import { type SealedStore, type VerifyReport, newRootKey, openSealedStore, verifyAudit, writeRootKey } from '@headgate/vault'
import { type KeyChoice, keySourcesOf, usualKey } from './key-choice.ts'

/** A data folder whose plane is stopped. One that runs holds the lock, and the refusal names its process. */
export interface LocalOptions {
  readonly data: string
  /** The address of a PostgreSQL database. Default: the SQLite file in the data folder. */
  readonly database?: Secret
  readonly key?: KeyChoice
}

/** Recomputes the audit log and every protected row of a stopped data folder. A rolled-back database is a finding here. */
export async function verifyData({
  checkpoint,
  ...options
}: LocalOptions & { readonly checkpoint?: string }): Promise<Result<VerifyReport>> {
  const kept = checkpoint === undefined ? {} : { checkpoint }
  return withStore(options, 'inspection', async ({ database, vault }) => ok(await verifyAudit({ database, vault, ...kept })))
}

/** A new owner's token for whoever holds the data folder and its key; earlier ones are revoked. */
export async function resetOwner(options: LocalOptions): Promise<Result<{ token: Secret; revoked: number }>> {
  return withStore(options, 'work', async ({ store, vault, changes }) =>
    ok(await replaceOwnerToken({ store, vault, changes, now: Date.now })),
  )
}

/** A new root key as the line of text that a file or a variable holds. Nothing keeps it. */
export function makeRootKey(): Secret {
  const key = newRootKey()
  const line = new Secret(Buffer.from(writeRootKey(key)).toString('utf8'))
  key.reveal().fill(0)
  return line
}

/** Opens an existing data folder for one piece of work and closes it again, whatever comes of it. */
async function withStore<T>(
  options: LocalOptions,
  purpose: 'work' | 'inspection',
  work: (sealed: SealedStore) => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    const { keySource } = keySourcesOf(options.key ?? usualKey)
    const sealed = await openSealedStore({
      folder: options.data,
      ...(options.database ? { address: options.database } : {}),
      keySource,
      create: false,
      for: purpose,
    })
    try {
      return await work(sealed)
    } finally {
      await sealed.close()
    }
  } catch (cause) {
    if (cause instanceof HeadgateError) return { ok: false, problem: cause.problem }
    throw cause
  }
}
