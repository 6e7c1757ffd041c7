import { type KeyObject, createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto'
import { HeadgateError } from '@headgate/model'
import { CanonicalEncoder } from './canonical-encoding.ts'
import { equalBytes } from './hash.ts'
import { freshRandom } from './random.ts'
import { KEY_ID_LENGTH, KEY_LENGTH, type SecretKey } from './secret-key.ts'

/**
 * What a sealed value is and where it belongs. It is not stored with the value: whoever opens it says what it
 * expects, and anything moved or renamed does not open.
 */
export interface SealContext {
  readonly organisation: string
  /** The environment's id; empty where the value belongs to none. */
  readonly environment: string
  /** What kind of value it is, as `secret` or `text`. */
  readonly type: string
  /** Which one of its kind. */
  readonly id: string
}

export const SEAL_VERSION = 1
/** A seal that shares its derived key with a group of others; 2 and 3 are versions that the vectors say nobody knows. */
export const GROUPED_SEAL_VERSION = 4
const SALT_LENGTH = 32
const COMMITMENT_LENGTH = 32
const TAG_LENGTH = 16
const SALT_START = 1 + KEY_ID_LENGTH
const COMMITMENT_START = SALT_START + SALT_LENGTH
const HEADER_LENGTH = COMMITMENT_START + COMMITMENT_LENGTH
const NONCE_LENGTH = 12
/** Every seal has a key of its own, so the nonce can be constant. */
const NONCE = new Uint8Array(NONCE_LENGTH)
/** Of a seal in a group: which one it is, at the end of its header. */
const INDEX_LENGTH = 4
const GROUPED_HEADER_LENGTH = HEADER_LENGTH + INDEX_LENGTH

/** How many bytes a sealed value has more than what is sealed. */
export const SEAL_OVERHEAD = HEADER_LENGTH + TAG_LENGTH
/** The same of one in a group. */
export const GROUPED_SEAL_OVERHEAD = GROUPED_HEADER_LENGTH + TAG_LENGTH
/** How many values a group seals at most; its derived key is made anew that often. */
export const SEAL_GROUP_LIMIT = 1_024

/**
 * Seals bytes for one place: AES-256-GCM under a key derived for this one seal, committing to the key.
 *
 * @param salt 32 bytes that are never used twice; random unless a test vector needs a known result
 */
export function seal(key: SecretKey, context: SealContext, plaintext: Uint8Array, salt: Uint8Array = freshRandom(SALT_LENGTH)): Uint8Array {
  const sealed = Buffer.allocUnsafe(SEAL_OVERHEAD + plaintext.length)
  sealed[0] = SEAL_VERSION
  sealed.write(key.id, 1, 'hex')
  sealed.set(salt, SALT_START)
  const place = encodeContext(context)
  const derived = derive(key.secret, sealInfo(salt, place))
  sealed.set(derived.commitment, COMMITMENT_START)
  return encryptInto(sealed, HEADER_LENGTH, { key: derived.key, nonce: NONCE, place, plaintext })
}

/**
 * Seals many values, each for its own place, under one key derived for all of them: for records that are written many at
 * a time. Each has a nonce of its own, which is its number in the group; a group is of one process, is never taken up
 * again, and has a random salt, so no nonce is used twice under one key.
 */
export class SealGroup {
  readonly #header: Buffer
  readonly #nonce = Buffer.alloc(NONCE_LENGTH)
  readonly #key: KeyObject
  #next = 0

  /** @param salt 32 bytes that are never used twice; random unless a test vector needs a known result */
  constructor(key: SecretKey, salt: Uint8Array = freshRandom(SALT_LENGTH)) {
    const derived = derive(key.secret, groupInfo(salt))
    this.#key = derived.key
    this.#header = Buffer.concat([
      Uint8Array.of(GROUPED_SEAL_VERSION),
      Buffer.from(key.id, 'hex'),
      salt,
      derived.commitment,
      new Uint8Array(INDEX_LENGTH),
    ])
  }

  /** Whether it has sealed as many values as it may. */
  get full(): boolean {
    return this.#next >= SEAL_GROUP_LIMIT
  }

  /** @throws RangeError where it is full */
  seal(context: SealContext, plaintext: Uint8Array): Uint8Array {
    if (this.full) throw new RangeError(`a group seals at most ${SEAL_GROUP_LIMIT} values`)
    this.#header.writeUInt32BE(this.#next, HEADER_LENGTH)
    this.#nonce.writeUInt32BE(this.#next, NONCE_LENGTH - INDEX_LENGTH)
    this.#next += 1
    const sealed = Buffer.allocUnsafe(GROUPED_SEAL_OVERHEAD + plaintext.length)
    sealed.set(this.#header)
    return encryptInto(sealed, GROUPED_HEADER_LENGTH, {
      key: this.#key,
      nonce: this.#nonce,
      place: encodeContext(context),
      plaintext,
    })
  }
}

interface Encryption {
  readonly key: KeyObject
  readonly nonce: Uint8Array
  readonly place: Uint8Array
  readonly plaintext: Uint8Array
}

/** Behind a header that is there already. */
function encryptInto(sealed: Buffer, headerLength: number, { key, nonce, place, plaintext }: Encryption): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(sealed.subarray(0, headerLength)).setAAD(place)
  sealed.set(cipher.update(plaintext), headerLength)
  cipher.final()
  sealed.set(cipher.getAuthTag(), headerLength + plaintext.length)
  return sealed
}

/** Of a value in a group: its number in it, behind zeros. */
function groupedNonce(header: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_LENGTH)
  for (let n = 1; n <= INDEX_LENGTH; n += 1) nonce[NONCE_LENGTH - n] = header[GROUPED_HEADER_LENGTH - n] as number
  return nonce
}

/**
 * Opens what was sealed for exactly this place.
 *
 * @param keyOf finds a key by its id
 * @throws SEAL_UNKNOWN for a version of the future, KEY_UNKNOWN where the keyring has no such key, SEAL_TAMPERED when
 *   the bytes were changed, cut, or sealed for another place
 */
export function open(keyOf: (id: string) => SecretKey | undefined, context: SealContext, sealed: Uint8Array): Uint8Array {
  const place = { type: context.type, id: context.id }
  const key = keyOf(sealKeyId(sealed, place))
  if (!key) throw new HeadgateError('KEY_UNKNOWN', { ...place, key: sealKeyId(sealed, place) })
  const encoded = encodeContext(context)
  const grouped = sealed[0] === GROUPED_SEAL_VERSION
  const salt = sealed.subarray(SALT_START, COMMITMENT_START)
  const derived = derive(key.secret, grouped ? groupInfo(salt) : sealInfo(salt, encoded))
  if (!equalBytes(derived.commitment, sealed.subarray(COMMITMENT_START, HEADER_LENGTH))) throw new HeadgateError('SEAL_TAMPERED', place)
  const header = sealed.subarray(0, grouped ? GROUPED_HEADER_LENGTH : HEADER_LENGTH)
  const nonce = grouped ? groupedNonce(header) : NONCE
  const decipher = createDecipheriv('aes-256-gcm', derived.key, nonce, { authTagLength: TAG_LENGTH })
  decipher.setAAD(header).setAAD(encoded)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH))
  const plaintext = decipher.update(sealed.subarray(header.length, sealed.length - TAG_LENGTH))
  try {
    decipher.final()
  } catch (error) {
    plaintext.fill(0)
    throw new HeadgateError('SEAL_TAMPERED', place, { cause: error })
  }
  return plaintext
}

/**
 * The id of the key a sealed value needs.
 *
 * @throws SEAL_UNKNOWN, SEAL_TAMPERED as `open` does; `place` is for their messages
 */
export function sealKeyId(sealed: Uint8Array, place: { readonly type: string; readonly id: string }): string {
  const overhead = sealOverhead(sealed[0])
  if (sealed.length > 0 && overhead === undefined) throw new HeadgateError('SEAL_UNKNOWN', { ...place, reason: `version ${sealed[0]}` })
  if (overhead === undefined || sealed.length < overhead) throw new HeadgateError('SEAL_TAMPERED', place)
  return Buffer.from(sealed.buffer, sealed.byteOffset + 1, KEY_ID_LENGTH).toString('hex')
}

/** How many bytes a sealed value of a version has more than what is sealed; undefined for a version nobody knows. */
export function sealOverhead(version: number | undefined): number | undefined {
  if (version === SEAL_VERSION) return SEAL_OVERHEAD
  return version === GROUPED_SEAL_VERSION ? GROUPED_SEAL_OVERHEAD : undefined
}

/** Every place is written here, one after the other: it is used up at once. */
const places = Buffer.allocUnsafeSlow(1_024)

/** @returns bytes that count until the next place is encoded */
function encodeContext(context: SealContext): Uint8Array {
  return new CanonicalEncoder('headgate place 1', places)
    .text(context.organisation)
    .text(context.environment)
    .text(context.type)
    .text(context.id)
    .end()
}

/** What a seal's key is derived for: this salt, and this place. */
function sealInfo(salt: Uint8Array, place: Uint8Array): CanonicalEncoder {
  return new CanonicalEncoder('headgate seal 1', 64 + salt.length + place.length).fixed(salt).fixed(place)
}

/** The same of a group, which has no one place: each of its seals is bound to its own as associated data. */
function groupInfo(salt: Uint8Array): CanonicalEncoder {
  return new CanonicalEncoder('headgate seal 4', 64 + salt.length).fixed(salt)
}

/**
 * HKDF-Expand of RFC 5869 with SHA-512, one block: 32 bytes of key and 32 of commitment. Extraction is left out, as
 * section 3.3 of that RFC allows, because the data key is uniformly random.
 */
function derive(key: KeyObject, info: CanonicalEncoder): { key: KeyObject; commitment: Uint8Array } {
  const block = createHmac('sha512', key).update(info.byte(1).end()).digest()
  // Given as bytes, Node would take ten times as long to make a cipher of it.
  const derived = createSecretKey(block.subarray(0, KEY_LENGTH))
  block.fill(0, 0, KEY_LENGTH)
  return { key: derived, commitment: block.subarray(KEY_LENGTH) }
}
