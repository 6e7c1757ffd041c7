import { webcrypto } from 'node:crypto'
import { naiveGroupedSeal, naiveSeal } from './naive-seal.ts'

/**
 * FORMAT.md read by somebody else, to the letter and without haste: every reader answers whether it accepts, and shares
 * nothing with the code under test. A vector both must agree on is a byte both have read in the same document.
 */
type Cell = string | number | null | { readonly hex: string }
interface Key {
  readonly id: string
  readonly bytes: string
}

const { subtle } = webcrypto
const unhex = (text: string) => Buffer.from(text, 'hex')
const integer = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
const counted = (value: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(value.length)
  return Buffer.concat([length, value])
}
const text = (value: string) => counted(Buffer.from(value, 'utf8'))
const labelled = (label: string, ...fields: Uint8Array[]) => Buffer.concat([Buffer.from(`${label}\0`), ...fields])
const sha256 = async (data: Uint8Array) => Buffer.from(await subtle.digest('SHA-256', Buffer.from(data)))

async function mac(key: Uint8Array, data: Uint8Array): Promise<Buffer> {
  const imported = await subtle.importKey('raw', Buffer.from(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return Buffer.from(await subtle.sign('HMAC', imported, Buffer.from(data)))
}

interface SealVector {
  readonly key: Key
  readonly context: { readonly organisation: string; readonly environment: string; readonly type: string; readonly id: string }
  readonly sealed: string
}

/** The plaintext as hexadecimal digits, or undefined. Opens by sealing anew: whatever differs is refused. */
export async function readSeal({ key, context, sealed }: SealVector): Promise<string | undefined> {
  const bytes = unhex(sealed)
  if (bytes[0] !== 1) return undefined
  return readBySealing(bytes, key, 73, (plaintext) =>
    naiveSeal({ id: key.id, bytes: unhex(key.bytes) }, context, plaintext, bytes.subarray(9, 41)),
  )
}

/** The same of a seal in a group. */
export async function readGroupedSeal({ key, context, sealed }: SealVector): Promise<string | undefined> {
  const bytes = unhex(sealed)
  if (bytes[0] !== 4) return undefined
  return readBySealing(bytes, key, 77, (plaintext) =>
    naiveGroupedSeal({ id: key.id, bytes: unhex(key.bytes) }, context, plaintext, bytes.subarray(9, 41), bytes.readUInt32BE(73)),
  )
}

async function readBySealing(
  bytes: Buffer,
  key: Key,
  header: number,
  seal: (plaintext: Buffer) => Promise<Buffer>,
): Promise<string | undefined> {
  if (bytes.length < header + 16 || bytes.subarray(1, 9).toString('hex') !== key.id) return undefined
  const empty = await seal(Buffer.alloc(0))
  if (!empty.subarray(0, header).equals(bytes.subarray(0, header))) return undefined
  // In counter mode the ciphertext of zeros is what everything else is combined with.
  const zeros = await seal(Buffer.alloc(bytes.length - header - 16))
  const plaintext = Buffer.from(bytes.subarray(header, -16).map((byte, n) => byte ^ (zeros[header + n] ?? 0)))
  const again = await seal(plaintext)
  return again.equals(bytes) ? plaintext.toString('hex') : undefined
}

export async function readHandle({ key, handle }: { readonly key: string; readonly handle: string }): Promise<string | undefined> {
  const bytes = unhex(handle)
  if (bytes.length !== 33 || bytes[0] !== 1) return undefined
  const id = bytes.subarray(1, 17)
  const expected = await mac(unhex(key), labelled('headgate handle 1', id))
  return expected.subarray(0, 16).equals(bytes.subarray(17)) ? id.toString('hex') : undefined
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The kind of a token. */
export async function readToken(token: string): Promise<string | undefined> {
  const [prefix, kind = '', rest = '', ...more] = token.split('_')
  if (prefix !== 'hg' || !['user', 'machine', 'session', 'instance'].includes(kind) || more.length > 0 || rest.length !== 49)
    return undefined
  if (rest.split('').some((digit) => !DIGITS.includes(digit))) return undefined
  let value = 0n
  for (const digit of rest.slice(0, 43)) value = value * 62n + BigInt(DIGITS.indexOf(digit))
  if (value > 2n ** 256n - 1n) return undefined
  const hash = await sha256(labelled('headgate token checksum 1', text(`hg_${kind}_${rest.slice(0, 43)}`)))
  let sum = hash.readUInt32BE()
  let check = ''
  for (let n = 0; n < 6; n += 1, sum = Math.floor(sum / 62)) check = DIGITS.charAt(sum % 62) + check
  return check === rest.slice(43) ? kind : undefined
}

export async function tokenDigestOf(key: string, token: string): Promise<string> {
  return (await mac(unhex(key), labelled('headgate token 1', text(token)))).toString('hex')
}

function encodeColumns(label: string, table: string, columns: Readonly<Record<string, Cell>>): Buffer {
  const names = Object.keys(columns).toSorted()
  const cells = names.map((name) => {
    const cell = columns[name] ?? null
    if (cell === null) return Buffer.concat([text(name), Uint8Array.of(0)])
    if (typeof cell === 'number') return Buffer.concat([text(name), Uint8Array.of(1), integer(cell)])
    if (typeof cell === 'string') return Buffer.concat([text(name), Uint8Array.of(2), text(cell)])
    return Buffer.concat([text(name), Uint8Array.of(3), counted(unhex(cell.hex))])
  })
  return labelled(label, text(table), integer(names.length), ...cells)
}

interface RowVector {
  readonly key: Key
  readonly table: string
  readonly row: Readonly<Record<string, Cell>>
  readonly mac: string
}

export async function rowFitsMac(vector: RowVector): Promise<boolean> {
  const bytes = unhex(vector.mac)
  if (bytes.length !== 41 || bytes[0] !== 1 || bytes.subarray(1, 9).toString('hex') !== vector.key.id) return false
  const expected = await mac(unhex(vector.key.bytes), encodeColumns('headgate row 1', vector.table, vector.row))
  return expected.equals(bytes.subarray(9))
}

interface RevisionVector {
  readonly environment: string
  readonly number: number
  readonly text: string
  readonly previous: string | null
  readonly hash: string
}

export async function revisionFits(vector: RevisionVector): Promise<boolean> {
  const previous = counted(unhex(vector.previous ?? ''))
  const hash = await sha256(labelled('headgate revision 1', text(vector.environment), integer(vector.number), previous, text(vector.text)))
  return hash.toString('hex') === vector.hash
}

interface LeafVector {
  readonly columns: Readonly<Record<string, Cell>>
  readonly salt: string
  readonly details: string
  readonly leaf: string
}

/** A leaf fits its columns, and the digest among them fits the details. */
export async function leafFits(vector: LeafVector): Promise<boolean> {
  const leaf = await sha256(Buffer.concat([Uint8Array.of(0), encodeColumns('headgate leaf 1', 'audit', vector.columns)]))
  const digest = await sha256(labelled('headgate details 1', counted(unhex(vector.salt)), counted(Buffer.from(vector.details))))
  const { digest: named } = vector.columns
  return leaf.toString('hex') === vector.leaf && typeof named === 'object' && named?.hex === digest.toString('hex')
}

interface NoteVector {
  readonly key: string
  readonly signer: string
  readonly note: string
}

/** Size and root of a checkpoint. */
export async function readNote({ key, signer, note }: NoteVector): Promise<{ size: number; root: string } | undefined> {
  const lines = note.split('\n')
  const [origin, size = '', root = '', blank, signature = '', end, ...more] = lines
  if (lines.length !== 6 || more.length > 0 || blank !== '' || end !== '' || origin !== signer) return undefined
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined
  const hash = Buffer.from(root, 'base64')
  if (hash.length !== 32 || hash.toString('base64') !== root) return undefined
  const parts = signature.split(' ')
  const signed = Buffer.from(parts[2] ?? '', 'base64')
  if (parts.length !== 3 || parts[0] !== '\u2014' || parts[1] !== signer || signed.length !== 68 || signed.toString('base64') !== parts[2])
    return undefined
  const keyHash = await sha256(Buffer.concat([Buffer.from(`${signer}\n`), Uint8Array.of(1), unhex(key)]))
  if (!keyHash.subarray(0, 4).equals(signed.subarray(0, 4))) return undefined
  const imported = await subtle.importKey('raw', unhex(key), 'Ed25519', false, ['verify'])
  const good = await subtle.verify('Ed25519', imported, signed.subarray(4), Buffer.from(`${origin}\n${size}\n${root}\n`))
  return good ? { size: Number(size), root: hash.toString('hex') } : undefined
}
