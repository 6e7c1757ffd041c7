import { type KeyObject, createHmac, hash, timingSafeEqual } from 'node:crypto'
import { CanonicalEncoder } from './canonical-encoding.ts'

export const HASH_LENGTH = 32

/** Asked for as a string of bytes, Node answers three times as fast as with a new buffer from outside its pool. */
export function sha256(data: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1')
}

/** A keyed hash of 32 bytes. */
export function hmac(key: KeyObject, data: Uint8Array): Uint8Array {
  return Buffer.from(createHmac('sha256', key).update(data).digest('binary'), 'latin1')
}

/** Compares without telling by its time where the difference is. Lengths are not secret. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The name of a content: SHA-256 over exactly these bytes. */
export function contentHash(content: Uint8Array): Uint8Array {
  return sha256(content)
}

/** What a revision is: everything of it that can never change. */
export interface RevisionContent {
  readonly environment: string
  readonly number: number
  readonly text: string
  /** The hash of the revision before; null for the first. */
  readonly previous: Uint8Array | null
}

/**
 * The hash of a revision, which chains it to the one before. It covers the text with its handles, never plaintext
 * secrets or ciphertext, so it stays when seals are renewed.
 */
export function revisionHash({ environment, number, text, previous }: RevisionContent): Uint8Array {
  const encoder = new CanonicalEncoder('headgate revision 1', 128 + text.length)
  return sha256(
    encoder
      .text(environment)
      .integer(number)
      .bytes(previous ?? new Uint8Array())
      .text(text)
      .end(),
  )
}

/** Binds sealed details to their audit record without saying anything about them: salted with 32 random bytes. */
export function detailsDigest(salt: Uint8Array, details: Uint8Array): Uint8Array {
  return sha256(new CanonicalEncoder('headgate details 1', 64 + salt.length + details.length).bytes(salt).bytes(details).end())
}
