import { CanonicalEncoder, KEY_ID_LENGTH, KEY_LENGTH, equalBytes, sha256, wipeableCopy } from '@headgate/crypto'
import { HeadgateError, Secret } from '@headgate/model'
import { randomBytes } from 'node:crypto'
import { decodeBase64Url, encodeBase64Url } from './byte-text.ts'

const PREFIX = Buffer.from('headgate-root-key-1:')
const CHECKSUM_LENGTH = 4
const LINE_END = 0x0a
const COMMENT = 0x23

/** The public name of a root key, so that a wrong key is told from a damaged database. */
export function rootKeyId(root: Secret<Uint8Array>): string {
  const encoded = new CanonicalEncoder('headgate root key id 1').fixed(root.reveal()).end()
  const id = Buffer.from(sha256(encoded).subarray(0, KEY_ID_LENGTH)).toString('hex')
  encoded.fill(0)
  return id
}

export function newRootKey(): Secret<Uint8Array> {
  return new Secret<Uint8Array>(randomBytes(KEY_LENGTH))
}

/** A second copy of a key, for an owner of its own who wipes it. */
export function copyOf(key: Secret<Uint8Array>): Secret<Uint8Array> {
  return new Secret(wipeableCopy(key.reveal()))
}

/** Overwrites a key. It is of no use afterwards. */
export function wipe(key: Secret<Uint8Array>): void {
  key.reveal().fill(0)
}

/** A root key as the line of text that people keep: prefix, key, checksum. In bytes, which can be wiped as strings cannot. */
export function writeRootKey(key: Secret<Uint8Array>): Uint8Array {
  const bytes = Buffer.concat([key.reveal(), checksumOf(key.reveal())])
  const text = encodeBase64Url(bytes)
  const line = Buffer.concat([PREFIX, text])
  bytes.fill(0)
  text.fill(0)
  return line
}

/**
 * The one line of a text that is no comment: prefix, key, checksum. The checksum is for typing mistakes, not against
 * attackers. Undefined for anything `writeRootKey` cannot have written.
 *
 * @param content stays the caller's to wipe
 */
export function readRootKey(content: Uint8Array): Secret<Uint8Array> | undefined {
  const lines = linesOf(content).filter((line) => line.length > 0 && line[0] !== COMMENT)
  const [line] = lines
  if (!line || lines.length !== 1 || !equalBytes(line.subarray(0, PREFIX.length), PREFIX)) return undefined
  const bytes = decodeBase64Url(line.subarray(PREFIX.length))
  try {
    if (bytes?.length !== KEY_LENGTH + CHECKSUM_LENGTH) return undefined
    const key = bytes.subarray(0, KEY_LENGTH)
    return equalBytes(checksumOf(key), bytes.subarray(KEY_LENGTH)) ? new Secret<Uint8Array>(wipeableCopy(key)) : undefined
  } finally {
    bytes?.fill(0)
  }
}

/** A key that came as text, from a request or a variable; `place` is what a refusal calls it. @throws KEY_UNREADABLE */
export function parseRootKey(text: Secret, place: string): Secret<Uint8Array> {
  const bytes = Buffer.from(text.reveal().trim())
  const key = readRootKey(bytes)
  bytes.fill(0)
  if (!key) throw new HeadgateError('KEY_UNREADABLE', { place, reason: 'it holds no root key, or one with a mistake in it' })
  return key
}

function linesOf(content: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let start = 0; start <= content.length;) {
    const end = content.indexOf(LINE_END, start)
    lines.push(content.subarray(start, end < 0 ? content.length : end))
    if (end < 0) break
    start = end + 1
  }
  return lines
}

function checksumOf(key: Uint8Array): Uint8Array {
  const input = Buffer.concat([PREFIX, key])
  const checksum = sha256(input).subarray(0, CHECKSUM_LENGTH)
  input.fill(0)
  return checksum
}
