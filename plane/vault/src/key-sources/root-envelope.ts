import { HeadgateError } from '@headgate/model'

/**
 * A root key as the database keeps it for a source that keeps none itself: wrapped, with all that is needed to unwrap
 * it but the secret. FORMAT.md in core/crypto writes down its text.
 */
export type RootEnvelope = PassphraseEnvelope | KmsEnvelope

export interface PassphraseEnvelope {
  readonly format: 1
  readonly source: 'passphrase'
  /** The id of the root key in it. */
  readonly root: string
  readonly kdf: {
    readonly name: 'argon2id'
    /** In KiB. */
    readonly memory: number
    readonly passes: number
    readonly lanes: number
    /** 16 bytes, base64. */
    readonly salt: string
  }
  /** A seal of the root key, base64. */
  readonly sealed: string
}

export interface KmsEnvelope {
  readonly format: 1
  readonly source: 'kms'
  readonly root: string
  readonly engine: 'transit'
  readonly mount: string
  readonly key: string
  /** As the service gave it. */
  readonly ciphertext: string
}

/** Settings whose names begin so hold envelopes; the id of the root key follows. */
export const ENVELOPE_PREFIX = 'root-key/'

const FORMAT = 1
const ID = /^[0-9a-f]{16}$/

export function envelopeSetting(root: string): string {
  return `${ENVELOPE_PREFIX}${root}`
}

export function writeEnvelope(envelope: RootEnvelope): string {
  return JSON.stringify(envelope)
}

/** @throws KEY_UNREADABLE for a text of another form or of a format this program does not know */
export function readEnvelope(name: string, text: string): RootEnvelope {
  const refuse = (reason: string) => new HeadgateError('KEY_UNREADABLE', { place: `the setting ${name} of the database`, reason })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse('it is no JSON')
  }
  const { format, source, root } = value as Partial<RootEnvelope>
  if (format !== FORMAT) throw refuse(`it is of format ${String(format)}, and this Headgate knows ${FORMAT}`)
  if (typeof root !== 'string' || !ID.test(root) || name !== envelopeSetting(root)) throw refuse('it is not of the key it is named after')
  if (source === 'passphrase' && isPassphraseEnvelope(value as PassphraseEnvelope)) return value as PassphraseEnvelope
  if (source === 'kms' && isKmsEnvelope(value as KmsEnvelope)) return value as KmsEnvelope
  throw refuse('it is not of the form its source writes')
}

function isPassphraseEnvelope({ kdf, sealed }: Partial<PassphraseEnvelope>): boolean {
  if (typeof kdf !== 'object' || kdf === null || kdf.name !== 'argon2id' || typeof sealed !== 'string') return false
  return [kdf.memory, kdf.passes, kdf.lanes].every((number) => Number.isSafeInteger(number) && number > 0) && typeof kdf.salt === 'string'
}

function isKmsEnvelope({ engine, mount, key, ciphertext }: Partial<KmsEnvelope>): boolean {
  return engine === 'transit' && [mount, key, ciphertext].every((text) => typeof text === 'string' && text !== '')
}
