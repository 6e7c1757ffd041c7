import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { HeadgateError, type Result, type Secret, ok } from '@headgate/model'
import { type RestoreReport, keyFileSource, restoreBackup } from '@headgate/vault'

export interface RestoreOptions {
  /** The back-up, an age file. */
  readonly from: string
  /** An empty or absent folder. */
  readonly data: string
  readonly keyFile?: string
  /** What opens the back-up: exactly one of the two. */
  readonly unlock: { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }
}

/** Restores a back-up into an empty folder. Everything is verified before the folder becomes a data folder. */
export async function restore(options: RestoreOptions): Promise<Result<RestoreReport>> {
  const file = createReadStream(options.from)
  try {
    const from = Readable.toWeb(file) as ReadableStream<Uint8Array>
    const unlock = 'identities' in options.unlock ? { identities: [...options.unlock.identities] } : options.unlock
    const keySource = keyFileSource(options.keyFile === undefined ? {} : { file: options.keyFile })
    return ok(await restoreBackup({ from, unlock, folder: options.data, keySource }))
  } catch (cause) {
    if (cause instanceof HeadgateError) return { ok: false, problem: cause.problem }
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return { ok: false, problem: new HeadgateError('FILE_NOT_FOUND', { file: options.from }).problem }
    throw cause
  } finally {
    file.destroy()
  }
}
