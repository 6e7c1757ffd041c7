import { randomBytes } from 'node:crypto'
import type { Algorithm, hashRaw } from '@node-rs/argon2'
import { KEY_ID_LENGTH, KEY_LENGTH, type SecretKey, open, seal, secretKey, wipeableCopy } from '@headgate/crypto'
import { HeadgateError, Secret } from '@headgate/model'
import { defaultAnchorFile } from './key-file.ts'
import type { KeySource } from './key-source.ts'
import type { PassphraseEnvelope } from './root-envelope.ts'
import { rootKeyId } from './root-key.ts'

/** What trying one passphrase costs. */
export interface PassphraseCost {
  /** In KiB. */
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

/** The second recommendation of RFC 9106, section 4: 64 MiB, three passes, four lanes. */
export const defaultCost: PassphraseCost = { memory: 64 * 1024, passes: 3, lanes: 4 }

/** An envelope that asks for more than this was not written here, and would only keep the machine busy. */
const ceiling: PassphraseCost = { memory: 1024 * 1024, passes: 64, lanes: 64 }
/** Nor was one that asks for less than this. */
const floor: PassphraseCost = { memory: 8 * 1024, passes: 1, lanes: 1 }
const SALT_LENGTH = 16
/** `Algorithm.Argon2id` of the library, whose enumeration exists for its type only. */
const ARGON2ID = 2

/** The fewest characters of a new passphrase. */
export const PASSPHRASE_LENGTH = 12

/**
 * A root key behind a passphrase. The key itself is random; the database keeps it wrapped under what argon2id makes of
 * the passphrase, with a salt and a cost of its own, so a copy of the data is worth as much as the passphrase is hard
 * to guess.
 */
export function passphraseKeySource(passphrase: Secret, cost: PassphraseCost = defaultCost): KeySource {
  // In bytes, which can be wiped; the string it came as cannot.
  let typed: Buffer | undefined = Buffer.from(passphrase.reveal().normalize('NFC'))
  const keyOf = async (salt: Uint8Array, at: PassphraseCost): Promise<SecretKey> => {
    // Machine code, for those who have a passphrase alone. Before the passphrase is looked at: it may be wiped meanwhile.
    const library = await import('@node-rs/argon2')
    if (!typed) throw new HeadgateError('STORE_CLOSED')
    return deriveKey(library.hashRaw, typed, salt, at)
  }
  return {
    kind: 'passphrase',
    place: () => 'the passphrase',
    anchorFile: defaultAnchorFile,
    async load(folderId, envelopes) {
      const mine = envelopes.filter((envelope) => envelope.source === 'passphrase')
      for (const envelope of mine) {
        const key = await openEnvelope(folderId, envelope, keyOf)
        if (key) return key
      }
      if (mine.length > 0) throw new HeadgateError('KEY_PASSPHRASE_WRONG')
      return undefined
    },
    async wrap(folderId, key) {
      requireStrongPassphrase(passphrase)
      const salt = randomBytes(SALT_LENGTH)
      const wrapping = await keyOf(salt, cost)
      const root = rootKeyId(key)
      const sealed = seal(wrapping, contextOf(folderId, root), key.reveal())
      const kdf = { name: 'argon2id', ...cost, salt: salt.toString('base64') } as const
      return { format: 1, source: 'passphrase', root, kdf, sealed: Buffer.from(sealed).toString('base64') }
    },
    store: async () => undefined,
    withdraw: async () => undefined,
    close() {
      typed?.fill(0)
      typed = undefined
    },
  }
}

/** @throws KEY_PASSPHRASE_WEAK for what a person should not protect everything with */
export function requireStrongPassphrase(passphrase: Secret): void {
  const length = Array.from(passphrase.reveal()).length
  if (length < PASSPHRASE_LENGTH) throw new HeadgateError('KEY_PASSPHRASE_WEAK', { length, least: PASSPHRASE_LENGTH })
}

/** The root key, or undefined where the passphrase is another one. @throws KEY_UNREADABLE for a cost nobody here asked for */
async function openEnvelope(
  folderId: string,
  envelope: PassphraseEnvelope,
  keyOf: (salt: Uint8Array, cost: PassphraseCost) => Promise<SecretKey>,
): Promise<Secret<Uint8Array> | undefined> {
  const { kdf, root } = envelope
  const salt = Buffer.from(kdf.salt, 'base64')
  const within = (['memory', 'passes', 'lanes'] as const).every((what) => kdf[what] >= floor[what] && kdf[what] <= ceiling[what])
  if (!within || salt.length !== SALT_LENGTH)
    throw new HeadgateError('KEY_UNREADABLE', {
      place: 'the wrapped root key in the database',
      reason: 'its parameters are not ones Headgate writes',
    })
  const wrapping = await keyOf(salt, kdf)
  try {
    const key = open((id) => (id === wrapping.id ? wrapping : undefined), contextOf(folderId, root), Buffer.from(envelope.sealed, 'base64'))
    const secret = new Secret<Uint8Array>(wipeableCopy(key))
    key.fill(0)
    return secret.reveal().length === KEY_LENGTH && rootKeyId(secret) === root ? secret : undefined
  } catch (error) {
    if (error instanceof HeadgateError && (error.code === 'SEAL_TAMPERED' || error.code === 'KEY_UNKNOWN')) return undefined
    throw error
  }
}

async function deriveKey(
  argon2: typeof hashRaw,
  passphrase: Uint8Array,
  salt: Uint8Array,
  { memory, passes, lanes }: PassphraseCost,
): Promise<SecretKey> {
  const bytes = await argon2(passphrase, {
    // The library's enumeration exists for the compiler only.
    // oxlint-disable-next-line no-unsafe-enum-assignment
    algorithm: ARGON2ID as Algorithm,
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    outputLen: KEY_LENGTH,
    salt,
  })
  return secretKey(Buffer.from(salt.subarray(0, KEY_ID_LENGTH)).toString('hex'), bytes)
}

function contextOf(folderId: string, root: string) {
  return { organisation: '', environment: '', type: 'root:passphrase', id: `${folderId}/${root}` }
}
