import { type KeyObject, randomBytes } from 'node:crypto'
import { Secret } from '@headgate/model'
import { CanonicalEncoder } from './canonical-encoding.ts'
import { hmac, sha256 } from './hash.ts'

/** Whom a token is for. It stands in the token, so that a person or a scanner sees what was found. */
export const tokenKinds = ['user', 'machine', 'session', 'instance'] as const
export type TokenKind = (typeof tokenKinds)[number]

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = BigInt(DIGITS.length)
const RANDOM_LENGTH = 32
const RANDOM_DIGITS = 43
const CHECKSUM_DIGITS = 6
const SHAPE = new RegExp(`^hg_(${tokenKinds.join('|')})_([0-9A-Za-z]{${RANDOM_DIGITS}})([0-9A-Za-z]{${CHECKSUM_DIGITS}})$`)

/** A new token: `hg_KIND_`, 256 random bits in base 62, and a checksum that catches typing mistakes. */
export function mintToken(kind: TokenKind, random: Uint8Array = randomBytes(RANDOM_LENGTH)): Secret {
  const body = `hg_${kind}_${base62(random, RANDOM_DIGITS)}`
  return new Secret(body + checksum(body))
}

/** The kind of a well-formed token; undefined for anything that `mintToken` cannot have made. */
export function parseToken(token: string): TokenKind | undefined {
  const match = SHAPE.exec(token)
  if (!match) return undefined
  const [, kind = '', digits = '', check = ''] = match
  if (valueOf(digits) >= 1n << BigInt(RANDOM_LENGTH * 8)) return undefined
  return checksum(`hg_${kind}_${digits}`) === check ? (kind as TokenKind) : undefined
}

/** What is stored of a token: useless to whoever reads the database, because the key stands elsewhere. */
export function tokenDigest(key: KeyObject, token: string): Uint8Array {
  return hmac(key, new CanonicalEncoder('headgate token 1', 128).text(token).end())
}

function checksum(body: string): string {
  return base62(sha256(new CanonicalEncoder('headgate token checksum 1', 128).text(body).end()).subarray(0, 4), CHECKSUM_DIGITS)
}

function base62(bytes: Uint8Array, digits: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let n = 0; n < digits; n += 1) {
    text = DIGITS.charAt(Number(value % BASE)) + text
    value /= BASE
  }
  return text
}

function valueOf(digits: string): bigint {
  let value = 0n
  for (const digit of digits) value = value * BASE + BigInt(DIGITS.indexOf(digit))
  return value
}
