import { Secret, ok, refuse } from '@headgate/model'
import { PASSPHRASE_LENGTH, writeBackup } from '@headgate/vault'
import type { UseCase } from '../plane.ts'

/** age's own recipients: Bech32 with the prefix `age1`. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/

/** A consistent back-up of everything as one age file, made while it is read. */
export const createBackup: UseCase<'createBackup'> = async (plane, _caller, { body }) => {
  const wrong = 'recipients' in body ? body.recipients.find((recipient) => !RECIPIENT.test(recipient)) : undefined
  if (wrong !== undefined) return refuse('BACKUP_RECIPIENT_INVALID', { recipient: wrong })
  // The root key is in it, so it is protected no worse than a root key by itself.
  const length = 'passphrase' in body ? Array.from(body.passphrase).length : undefined
  if (length !== undefined && length < PASSPHRASE_LENGTH) return refuse('KEY_PASSPHRASE_WEAK', { length, least: PASSPHRASE_LENGTH })
  const lock = 'recipients' in body ? { recipients: body.recipients } : { passphrase: new Secret(body.passphrase) }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  // A failure while it is written breaks the stream, which is how whoever reads it learns of it.
  writeBackup({ database: plane.database, vault: plane.vault, to: writable, lock }).catch((cause: unknown) =>
    writable.abort(cause).catch(() => undefined),
  )
  return ok({ answer: readable, details: { lock: 'recipients' in body ? body.recipients : 'passphrase' } })
}
