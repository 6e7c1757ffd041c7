import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { HeadgateError, type Result, type Secret, ok } from '@headgate/model'
import { type RestoreReport, restoreBackup } from '@headgate/vault'
import { type KeyChoice, keySourcesOf, usualKey } from './key-choice.ts'

export interface RestoreOptions {
  /** The back-up, an age file. */
  readonly from: string
  /** An empty or absent folder. */
  readonly data: string
  /** The address of an empty PostgreSQL database that takes the rows. Default: a SQLite file in the folder. */
  readonly database?: Secret
  /** Where the root key goes. */
  readonly key?: KeyChoice
  /** Goes back for good although the data folder the back-up is of is still there. */
  readonly takeOver?: boolean
  /** What opens the back-up: exactly one of the two. */
  readonly unlock: { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }
}

/** Restores a back-up into an empty folder. Everything is verified before the folder becomes a data folder. */
export async function restore(options: RestoreOptions): Promise<Result<RestoreReport>> {
  const file = createReadStream(options.from)
  try {
    const from = Readable.toWeb(file) as ReadableStream<Uint8Array>
    const unlock = 'identities' in options.unlock ? { identities: [...options.unlock.identities] } : options.unlock
    const { keySource } = keySourcesOf(options.key ?? usualKey)
    const { data: folder, database, takeOver = false } = options
    return ok(await restoreBackup({ from, unlock, folder, keySource, takeOver, ...(database ? { address: database } : {}) }))
  } catch (cause) {
    if (cause instanceof HeadgateError) return { ok: false, problem: cause.problem }
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return { ok: false, problem: new HeadgateError('FILE_NOT_FOUND', { file: options.from }).problem }
    throw cause
  } finally {
    file.destroy()
  }
}
