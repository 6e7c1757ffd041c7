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
const SALT_LENGTH = 32
const COMMITMENT_LENGTH = 32
const TAG_LENGTH = 16
const SALT_START = 1 + KEY_ID_LENGTH
const COMMITMENT_START = SALT_START + SALT_LENGTH
const HEADER_LENGTH = COMMITMENT_START + COMMITMENT_LENGTH
/** Every seal has a key of its own, so the nonce can be constant. */
const NONCE = new Uint8Array(12)

/** How many bytes a sealed value has more than what is sealed. */
export const SEAL_OVERHEAD = HEADER_LENGTH + TAG_LENGTH

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
  const derived = derive(key.secret, salt, place)
  sealed.set(derived.commitment, COMMITMENT_START)
  const cipher = createCipheriv('aes-256-gcm', derived.key, NONCE)
  cipher.setAAD(sealed.subarray(0, HEADER_LENGTH)).setAAD(place)
  sealed.set(cipher.update(plaintext), HEADER_LENGTH)
  cipher.final()
  sealed.set(cipher.getAuthTag(), HEADER_LENGTH + plaintext.length)
  return sealed
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
  const derived = derive(key.secret, sealed.subarray(SALT_START, COMMITMENT_START), encoded)
  if (!equalBytes(derived.commitment, sealed.subarray(COMMITMENT_START, HEADER_LENGTH))) throw new HeadgateError('SEAL_TAMPERED', place)
  const decipher = createDecipheriv('aes-256-gcm', derived.key, NONCE, { authTagLength: TAG_LENGTH })
  decipher.setAAD(sealed.subarray(0, HEADER_LENGTH)).setAAD(encoded)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH))
  const plaintext = decipher.update(sealed.subarray(HEADER_LENGTH, sealed.length - TAG_LENGTH))
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
  if (sealed.length > 0 && sealed[0] !== SEAL_VERSION) throw new HeadgateError('SEAL_UNKNOWN', { ...place, reason: `version ${sealed[0]}` })
  if (sealed.length < SEAL_OVERHEAD) throw new HeadgateError('SEAL_TAMPERED', place)
  return Buffer.from(sealed.buffer, sealed.byteOffset + 1, KEY_ID_LENGTH).toString('hex')
}

function encodeContext(context: SealContext): Uint8Array {
  return new CanonicalEncoder('headgate place 1')
    .text(context.organisation)
    .text(context.environment)
    .text(context.type)
    .text(context.id)
    .end()
}

/**
 * HKDF-Expand of RFC 5869 with SHA-512, one block: 32 bytes of key and 32 of commitment. Extraction is left out, as
 * section 3.3 of that RFC allows, because the data key is uniformly random.
 */
function derive(key: KeyObject, salt: Uint8Array, place: Uint8Array): { key: KeyObject; commitment: Uint8Array } {
  const info = new CanonicalEncoder('headgate seal 1', 64 + salt.length + place.length).fixed(salt).fixed(place)
  const block = createHmac('sha512', key).update(info.byte(1).end()).digest()
  // Given as bytes, Node would take ten times as long to make a cipher of it.
  const derived = createSecretKey(block.subarray(0, KEY_LENGTH))
  block.fill(0, 0, KEY_LENGTH)
  return { key: derived, commitment: block.subarray(KEY_LENGTH) }
}
