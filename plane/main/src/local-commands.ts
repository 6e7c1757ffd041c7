import { HeadgateError, type Result, type Secret, ok } from '@headgate/model'
import { replaceOwnerToken } from '@headgate/operations'
import { type SealedStore, type VerifyReport, keyFileSource, openSealedStore, verifyAudit } from '@headgate/vault'

/** A data folder whose plane is stopped. One that runs holds the lock, and the refusal names its process. */
export interface LocalOptions {
  readonly data: string
  readonly keyFile?: string
}

/** Recomputes the audit log and every protected row of a stopped data folder. A rolled-back database is a finding here. */
export async function verifyData(options: LocalOptions): Promise<Result<VerifyReport>> {
  return withStore(options, 'inspection', async ({ database, vault }) => ok(await verifyAudit({ database, vault })))
}

/** A new owner's token for whoever holds the data folder and its key; earlier ones are revoked. */
export async function resetOwner(options: LocalOptions): Promise<Result<{ token: Secret; revoked: number }>> {
  return withStore(options, 'work', async ({ store, vault, changes }) =>
    ok(await replaceOwnerToken({ store, vault, changes, now: Date.now })),
  )
}

/** Opens an existing data folder for one piece of work and closes it again, whatever comes of it. */
async function withStore<T>(
  options: LocalOptions,
  purpose: 'work' | 'inspection',
  work: (sealed: SealedStore) => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    const keySource = keyFileSource(options.keyFile === undefined ? {} : { file: options.keyFile })
    const sealed = await openSealedStore({ folder: options.data, keySource, create: false, for: purpose })
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
