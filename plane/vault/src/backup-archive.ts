import { createHash } from 'node:crypto'
import { HeadgateError } from '@headgate/model'

/**
 * What is inside a back-up's age encryption: a list of named entries, one after the other. FORMAT.md in core/crypto
 * writes down the bytes.
 */
export interface ArchiveEntry {
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

const MAGIC = Buffer.from('headgate-archive-1\n')
const LENGTH_BYTES = 4
const HEADER_LIMIT = 64 * 1024
/** Slashes divide, and no part is `.` or `..`: a name can be a path below a folder, and nothing else. */
const NAME = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/

export function isEntryName(name: string): boolean {
  return NAME.test(name)
}

/** The archive of these entries, as it is encrypted. @throws RangeError where an entry's content is not of its size */
export async function* writeArchive(entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>): AsyncGenerator<Uint8Array> {
  yield MAGIC
  for await (const { name, size, content } of entries) {
    if (!isEntryName(name)) throw new RangeError(`${name} cannot be the name of an entry`)
    const header = Buffer.from(JSON.stringify({ name, size }))
    yield lengthOf(header.length)
    yield header
    let written = 0
    for await (const chunk of content) {
      written += chunk.length
      yield chunk
    }
    if (written !== size) throw new RangeError(`the entry ${name} changed while it was read`)
  }
  yield lengthOf(0)
}

/**
 * Reads an archive, entry by entry. What a caller leaves of an entry is skipped.
 *
 * @throws BACKUP_DAMAGED for anything `writeArchive` does not write
 */
export async function* readArchive(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const reader = byteReader(stream)
  const magic = await reader.exactly(MAGIC.length)
  if (!MAGIC.equals(magic)) throw damaged('it does not begin as a Headgate archive of format 1')
  for (;;) {
    const length = (await reader.exactly(LENGTH_BYTES)).readUInt32BE()
    if (length === 0) break
    if (length > HEADER_LIMIT) throw damaged('an entry has a header that is too long')
    const { name, size } = parseHeader(await reader.exactly(length))
    const content = reader.take(size)
    yield { name, size, content }
    for await (const _ of content);
  }
  if (!(await reader.atEnd())) throw damaged('something follows its end')
}

function parseHeader(bytes: Buffer): { name: string; size: number } {
  try {
    const { name, size } = JSON.parse(bytes.toString('utf8')) as { name: unknown; size: unknown }
    if (typeof name === 'string' && isEntryName(name) && Number.isSafeInteger(size) && (size as number) >= 0)
      return { name, size: size as number }
  } catch {
    // Falls through to the one message for all of these.
  }
  throw damaged('an entry has a header that cannot be read')
}

function byteReader(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]()
  let buffered = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const next = await chunks.next()
    if (next.done) return false
    buffered = buffered.length === 0 ? Buffer.from(next.value) : Buffer.concat([buffered, next.value])
    return true
  }
  return {
    async exactly(length: number): Promise<Buffer> {
      while (buffered.length < length) if (!(await more())) throw damaged('it ends too early')
      const bytes = buffered.subarray(0, length)
      buffered = buffered.subarray(length)
      return bytes
    },
    async *take(size: number): AsyncGenerator<Uint8Array> {
      let left = size
      while (left > 0) {
        if (buffered.length === 0 && !(await more())) throw damaged('it ends too early')
        const bytes = buffered.subarray(0, left)
        buffered = buffered.subarray(bytes.length)
        left -= bytes.length
        yield bytes
      }
    },
    async atEnd(): Promise<boolean> {
      while (buffered.length === 0) if (!(await more())) return true
      return false
    },
  }
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES)
  bytes.writeUInt32BE(length)
  return bytes
}

export function damaged(reason: string): HeadgateError {
  return new HeadgateError('BACKUP_DAMAGED', { reason })
}

/** Passes chunks on and tells their SHA-256 in the end. */
export async function* hashing(content: AsyncIterable<Uint8Array>, done: (sha256: string) => void): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of content) {
    hash.update(chunk)
    yield chunk
  }
  done(hash.digest('hex'))
}
