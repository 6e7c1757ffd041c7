import { Secret, ok, refuse } from '@headgate/model'
import { artifactFiles } from '@headgate/releases'
import { PASSPHRASE_LENGTH, writeBackup, wrongRecipient } from '@headgate/vault'
import type { UseCase } from '../plane.ts'

/** A consistent back-up of everything as one age file, made while it is read. */
export const createBackup: UseCase<'createBackup'> = async (plane, _caller, { body }) => {
  const wrong = 'recipients' in body ? await wrongRecipient(body.recipients) : undefined
  if (wrong !== undefined) return refuse('BACKUP_RECIPIENT_INVALID', { recipient: beginningOf(wrong) })
  // The root key is in it, so it is protected no worse than a root key by itself.
  const length = 'passphrase' in body ? Array.from(body.passphrase).length : undefined
  if (length !== undefined && length < PASSPHRASE_LENGTH) return refuse('KEY_PASSPHRASE_WEAK', { length, least: PASSPHRASE_LENGTH })
  const lock = 'recipients' in body ? { recipients: body.recipients } : { passphrase: new Secret(body.passphrase) }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  // A failure while it is written breaks the stream, which is how whoever reads it learns of it.
  const { database, vault } = plane
  const files = () => artifactFiles(database.folder)
  writeBackup({ database, vault, to: writable, lock, ...(database.folder === '' ? {} : { files }) }).catch((cause: unknown) =>
    writable.abort(cause).catch(() => undefined),
  )
  return ok({ answer: readable, details: { lock: 'recipients' in body ? body.recipients : 'passphrase' } })
}

/** Enough to find it again, and nothing of an identity (`AGE-SECRET-KEY-1…`) that was given by mistake. */
function beginningOf(recipient: string): string {
  return recipient.length > 16 ? `${recipient.slice(0, 16)}…` : recipient
}
