import assert from 'node:assert/strict'
import { argon2Sync, createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import { passphraseKeySource, rootKeyId } from '@headgate/vault'
import { readSeal } from '../../core/crypto/test/naive-reader.ts'
import { readArchive } from '../../plane/vault/src/backup-archive.ts'
import { readEnvelope } from '../../plane/vault/src/key-sources/root-envelope.ts'
import { readRootKey } from '../../plane/vault/src/key-sources/root-key.ts'

interface Vectors<A, R> {
  readonly accept: readonly (A & { readonly name: string })[]
  readonly refuse: readonly (R & { readonly name: string })[]
}

const folders = ['../../plane/vault/testdata/vectors', '../../core/crypto/testdata/vectors'].map((folder) =>
  join(import.meta.dirname, folder),
)
function vectorsOf<A, R>(name: string): Vectors<A, R> {
  return JSON.parse(readFileSync(join(folders[0] ?? '', `${name}.json`), 'utf8')) as Vectors<A, R>
}

/** FORMAT.md read by somebody else: a root key as text. */
function naiveRootKey(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const found = lines.length === 1 ? /^headgate-root-key-1:([A-Za-z0-9_-]{48})$/.exec(lines[0] ?? '') : null
  if (!found) return undefined
  const bytes = Buffer.from(found[1] ?? '', 'base64url')
  const sum = createHash('sha256').update('headgate-root-key-1:').update(bytes.subarray(0, 32)).digest()
  return sum.subarray(0, 4).equals(bytes.subarray(32)) ? bytes.subarray(0, 32).toString('hex') : undefined
}

test('root keys as text', () => {
  const { accept, refuse } = vectorsOf<{ text: string; key: string; id: string }, { text: string }>('root-key-1')
  for (const { name, text, key, id } of accept) {
    const read = readRootKey(Buffer.from(text))
    assert.ok(read, name)
    assert.equal(Buffer.from(read.reveal()).toString('hex'), key, name)
    assert.equal(rootKeyId(read), id, name)
    assert.equal(naiveRootKey(text), key, name)
    const hash = createHash('sha256').update('headgate root key id 1\0').update(Buffer.from(key, 'hex')).digest('hex')
    assert.equal(hash.slice(0, 16), id, name)
  }
  for (const { name, text } of refuse) {
    assert.equal(readRootKey(Buffer.from(text)), undefined, name)
    assert.equal(naiveRootKey(text), undefined, name)
  }
})

interface Envelope {
  readonly folderId: string
  readonly passphrase: string
  readonly setting: string
  readonly text: string
}

/** The same for the envelope of a passphrase. */
async function naiveEnvelope({ folderId, passphrase, setting, text }: Envelope): Promise<string | undefined> {
  let value: Record<string, never>
  try {
    value = JSON.parse(text) as Record<string, never>
  } catch {
    return undefined
  }
  const { format, source, root, kdf, sealed } = value as {
    format?: unknown
    source?: unknown
    root?: string
    kdf?: Record<string, unknown>
    sealed?: string
  }
  if (format !== 1 || source !== 'passphrase' || setting !== `root-key/${root}` || kdf?.['name'] !== 'argon2id') return undefined
  const [memory = 0, passes = 0, lanes = 0] = ['memory', 'passes', 'lanes'].map((name) => Number(kdf[name]))
  const salt = Buffer.from(String(kdf['salt']), 'base64')
  const whole = [memory, passes, lanes].every(Number.isInteger)
  if (!whole || salt.length !== 16 || memory < 8192 || memory > 1_048_576 || passes < 1 || passes > 64 || lanes < 1 || lanes > 64)
    return undefined
  const message = Buffer.from(passphrase.normalize('NFC'))
  const bytes = argon2Sync('argon2id', { message, nonce: salt, parallelism: lanes, tagLength: 32, memory, passes })
  const context = { organisation: '', environment: '', type: 'root:passphrase', id: `${folderId}/${root}` }
  const key = { id: salt.subarray(0, 8).toString('hex'), bytes: bytes.toString('hex') }
  return readSeal({ key, context, sealed: Buffer.from(String(sealed), 'base64').toString('hex') })
}

test('envelopes of passphrases, by argon2id of another maker too', async () => {
  const { accept, refuse } = vectorsOf<Envelope & { key: string }, Envelope>('root-envelope-1')
  const opened = async ({ folderId, passphrase, setting, text }: Envelope) =>
    passphraseKeySource(new Secret(passphrase)).load(folderId, [readEnvelope(setting, text)])
  for (const vector of accept) {
    assert.equal(Buffer.from((await opened(vector))?.reveal() ?? []).toString('hex'), vector.key, vector.name)
    assert.equal(await naiveEnvelope(vector), vector.key, vector.name)
  }
  for (const vector of refuse) {
    // An envelope of another source is not refused by this one: it is not its own.
    const key = await opened(vector).catch(() => undefined)
    assert.equal(key, undefined, vector.name)
    assert.equal(await naiveEnvelope(vector), undefined, vector.name)
  }
})

/** The same for the inside of a back-up. */
function naiveArchive(bytes: Buffer): [string, string][] | undefined {
  if (bytes.subarray(0, 19).toString() !== 'headgate-archive-1\n') return undefined
  const entries: [string, string][] = []
  for (let place = 19; place + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(place)
    place += 4
    if (length === 0) return place === bytes.length ? entries : undefined
    if (length > 65_536 || place + length > bytes.length) return undefined
    let header: { name?: unknown; size?: unknown }
    try {
      header = JSON.parse(bytes.subarray(place, place + length).toString()) as typeof header
    } catch {
      return undefined
    }
    place += length
    const { name, size } = header
    if (typeof name !== 'string' || typeof size !== 'number' || !Number.isInteger(size) || size < 0 || place + size > bytes.length)
      return undefined
    if (!name.split('/').every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..')) return undefined
    entries.push([name, bytes.subarray(place, place + size).toString()])
    place += size
  }
  return undefined
}

test('the inside of back-ups', async () => {
  const { accept, refuse } = vectorsOf<{ archive: string; entries: [string, string][] }, { archive: string }>('archive-1')
  const read = async (archive: string) => {
    const entries: [string, string][] = []
    const stream = ReadableStream.from<Uint8Array>([Buffer.from(archive, 'hex')])
    for await (const { name, content } of readArchive(stream)) {
      const chunks: Uint8Array[] = []
      for await (const chunk of content) chunks.push(chunk)
      entries.push([name, Buffer.concat(chunks).toString()])
    }
    return entries
  }
  for (const { name, archive, entries } of accept) {
    assert.deepEqual(await read(archive), entries, name)
    assert.deepEqual(naiveArchive(Buffer.from(archive, 'hex')), entries, name)
  }
  for (const { name, archive } of refuse) {
    await assert.rejects(read(archive), { code: 'BACKUP_DAMAGED' }, name)
    assert.equal(naiveArchive(Buffer.from(archive, 'hex')), undefined, name)
  }
})

test('document, vectors and code speak of the same formats', () => {
  const document = readFileSync(join(import.meta.dirname, '../../core/crypto/FORMAT.md'), 'utf8')
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  for (const file of files) {
    const { format, refuse } = JSON.parse(readFileSync(file, 'utf8')) as { format: string; refuse: unknown[] }
    assert.ok(document.includes(`\`${file.split('/').at(-1)}\``), `FORMAT.md names ${file}`)
    assert.ok(refuse.length >= 9, `${format}: ${refuse.length}`)
  }
  const sources = [
    '../../core/crypto/src',
    '../../plane/vault/src',
    '../../plane/vault/src/key-sources',
    '../../plane/vault/src/rotation',
  ].map((folder) => join(import.meta.dirname, folder))
  const code = sources
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    )
    .join('\n')
  const labels = new Set([...code.matchAll(/['`](headgate [a-z ]+ \d+)(?:['`]|\\n)/g)].map(([, label]) => label ?? ''))
  assert.ok(labels.size >= 9, [...labels].join())
  for (const label of labels) assert.ok(document.includes(label), `FORMAT.md tells what \`${label}\` is for`)
  for (const [, label = ''] of document.matchAll(/`(headgate [a-z ]+ \d+)`/g)) assert.ok(labels.has(label), `${label} is used by the code`)
})

test('of all stored formats together, at least 280 vectors must be refused', () => {
  const refused = folders.flatMap((folder) =>
    readdirSync(folder).map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { refuse: unknown[] }).refuse.length),
  )
  const total = refused.reduce((sum, count) => sum + count, 0)
  assert.ok(total >= 280, `${total}`)
})
