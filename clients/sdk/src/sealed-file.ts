import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type SealContext, type SecretKey, open, seal, secretKey } from '@headgate/crypto'
import type { Secret } from '@headgate/model'
import { exposureOf } from './file-exposure.ts'
import { writePrivateFile } from './write-file.ts'

/**
 * What stands in front of the sealed bytes of a file, readable, as one line of JSON. It is bound to them: a changed
 * header does not open. Names and numbers only.
 */
export interface SealedHeader {
  readonly format: 1
  readonly kind: 'copy' | 'memory'
  readonly url: string
  readonly organisation: string
  /** `shop/production`, with the version where one was asked for. */
  readonly environment: string
  readonly revision: number
  /** When the plane gave the values, in milliseconds since 1970. */
  readonly writtenAt: number
  /** Counts up with each copy; what makes an older copy visible. */
  readonly sequence: number
}

export interface SealedFile {
  readonly header: SealedHeader
  readonly content: Uint8Array
}

/** `mine` is false where the bytes do not open: changed, cut, moved from elsewhere, or sealed under another token. */
export type SealedRead = { readonly found: false } | { readonly found: true; readonly file: SealedFile } | { readonly refused: string }

/**
 * The key of a token's copies: HKDF-Extract over the token. The sealing does the Expand, with a random salt for each
 * seal. No slow derivation is needed, because a token has far more entropy than anybody can try.
 */
export function keyOfToken(token: Secret): SecretKey {
  const bytes = createHmac('sha256', 'headgate fallback copy 1').update(token.reveal()).digest()
  const id = createHmac('sha256', bytes).update('id').digest('hex').slice(0, 16)
  return secretKey(id, bytes)
}

export async function writeSealedFile(file: string, key: SecretKey, { header, content }: SealedFile): Promise<void> {
  const sealed = seal(key, contextOf(header), content)
  await writePrivateFile(file, Buffer.concat([Buffer.from(`${JSON.stringify(ordered(header))}\n`), sealed]))
}

/** Reads and opens a file; says in words why one that is there cannot be used. */
export async function readSealedFile(file: string, key: SecretKey): Promise<SealedRead> {
  let bytes: Buffer
  try {
    const exposure = await exposureOf(file)
    if (exposure !== undefined) return { refused: exposure }
    bytes = await readFile(file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' ? { found: false } : { refused: `it cannot be read (${code ?? 'unknown reason'})` }
  }
  const end = bytes.indexOf(0x0a)
  const header = end === -1 ? undefined : parseHeader(bytes.toString('utf8', 0, end))
  if (!header) return { refused: 'it is not a file of a form known here' }
  try {
    const content = open((id) => (id === key.id ? key : undefined), contextOf(header), bytes.subarray(end + 1))
    return { found: true, file: { header, content } }
  } catch {
    return { refused: 'it was changed, or sealed under another token' }
  }
}

function contextOf(header: SealedHeader): SealContext {
  const { kind, organisation, environment } = header
  return { organisation, environment, type: `sdk fallback ${kind}`, id: JSON.stringify(ordered(header)) }
}

/** In one order, so that the same header is always the same text. */
function ordered({ format, kind, url, organisation, environment, revision, writtenAt, sequence }: SealedHeader): SealedHeader {
  return { format, kind, url, organisation, environment, revision, writtenAt, sequence }
}

function parseHeader(line: string): SealedHeader | undefined {
  let header: Partial<Record<keyof SealedHeader, unknown>> | null
  try {
    header = JSON.parse(line) as typeof header
  } catch {
    return undefined
  }
  if (header?.format !== 1 || (header.kind !== 'copy' && header.kind !== 'memory')) return undefined
  const texts = [header.url, header.organisation, header.environment].every((value) => typeof value === 'string')
  const numbers = [header.revision, header.writtenAt, header.sequence].every((value) => Number.isSafeInteger(value))
  return texts && numbers ? (header as SealedHeader) : undefined
}
