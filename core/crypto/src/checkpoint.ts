/**
 * Signed checkpoints: the size and the root of a log, in the shape of a C2SP checkpoint (tlog-checkpoint) inside a
 * C2SP signed note with one Ed25519 signature. Outside tools for these formats read them.
 */
import { type KeyObject, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { HASH_LENGTH, equalBytes, sha256 } from './hash.ts'

export interface Checkpoint {
  /** Names the log; signer and readers agree on it. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

export interface CheckpointSigner {
  readonly name: string
  readonly publicKey: Uint8Array
  /** @throws after `close` */
  sign(checkpoint: Checkpoint): string
  /** Forgets the private key. */
  close(): void
}

const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const ED25519 = 1
const KEY_HASH_LENGTH = 4
const SIGNATURE_LENGTH = 64
const PUBLIC_LENGTH = 32
const VERIFIER_KEY = /^([^ +\n]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/
const SIGNATURE_LINE = /^\u2014 ([^ +\n]+) ([A-Za-z0-9+/]+={0,2})$/

/** @param seed 32 bytes: the private key of RFC 8032 */
export function checkpointSigner(name: string, seed: Uint8Array): CheckpointSigner {
  const encoded = Buffer.concat([SEED_PREFIX, seed])
  let privateKey: KeyObject | undefined = createPrivateKey({ key: encoded, format: 'der', type: 'pkcs8' })
  encoded.fill(0)
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length)
  const keyHash = keyHashOf(name, publicKey)
  return {
    name,
    publicKey,
    sign(checkpoint) {
      if (!privateKey) throw new Error('this signer is closed')
      const body = renderBody(checkpoint)
      const signature = Buffer.concat([keyHash, sign(null, Buffer.from(body), privateKey)])
      return `${body}\n\u2014 ${name} ${signature.toString('base64')}\n`
    },
    close() {
      privateKey = undefined
    },
  }
}

/** The line outside tools need to check signatures: `name+hash+key`. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  const key = Buffer.concat([Uint8Array.of(ED25519), publicKey])
  return `${name}+${keyHashOf(name, publicKey).toString('hex')}+${key.toString('base64')}`
}

/** Reads such a line. Undefined for anything that is not exactly one. */
export function readVerifierKey(line: string): { readonly name: string; readonly publicKey: Uint8Array } | undefined {
  const [, name = '', , encoded = ''] = VERIFIER_KEY.exec(line.trim()) ?? []
  const key = Buffer.from(encoded, 'base64')
  if (name === '' || key[0] !== ED25519 || key.length !== 1 + PUBLIC_LENGTH) return undefined
  const publicKey = key.subarray(1)
  return verifierKey(name, publicKey) === line.trim() ? { name, publicKey } : undefined
}

/**
 * Reads a signed checkpoint and checks its signature. Undefined for anything that is not exactly a checkpoint signed
 * by this key under this name; there is one way to write one.
 */
export function openCheckpoint(note: string, name: string, publicKey: Uint8Array): Checkpoint | undefined {
  const end = note.indexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return undefined
  const body = note.slice(0, end + 1)
  const signatures = note.slice(end + 2, -1).split('\n')
  const checkpoint = parseBody(body)
  if (!checkpoint || signatures.length !== 1) return undefined
  const [, signer, encoded = ''] = SIGNATURE_LINE.exec(signatures[0] ?? '') ?? []
  const signature = Buffer.from(encoded, 'base64')
  if (signer !== name || signature.toString('base64') !== encoded || signature.length !== KEY_HASH_LENGTH + SIGNATURE_LENGTH)
    return undefined
  if (!equalBytes(signature.subarray(0, KEY_HASH_LENGTH), keyHashOf(name, publicKey))) return undefined
  const signed = verify(null, Buffer.from(body), publicKeyOf(publicKey), signature.subarray(KEY_HASH_LENGTH))
  return signed ? checkpoint : undefined
}

function renderBody({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
}

function parseBody(body: string): Checkpoint | undefined {
  const [origin = '', sizeText = '', rootText = '', ...rest] = body.split('\n')
  const size = Number(sizeText)
  const root = Buffer.from(rootText, 'base64')
  if (origin === '' || !Number.isSafeInteger(size) || root.length !== HASH_LENGTH || rest.length !== 1) return undefined
  const checkpoint = { origin, size, root }
  return renderBody(checkpoint) === body ? checkpoint : undefined
}

function keyHashOf(name: string, publicKey: Uint8Array): Buffer {
  return Buffer.from(sha256(Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(ED25519), publicKey])).subarray(0, KEY_HASH_LENGTH))
}

function publicKeyOf(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' })
}
