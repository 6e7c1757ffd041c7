/**
 * Writes plane/vault/testdata/vectors where a file is missing. What is written is never edited: a stored format that
 * changed gets a new version and a new file, and the old file stays.
 *
 *   node --conditions=source test/formats/make-vectors.ts
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argon2Sync } from 'node:crypto'
import { seal, secretKey } from '@headgate/crypto'
import { Secret } from '@headgate/model'
import { flipped, hex, knownBytes } from '../../core/crypto/test/vectors/known-bytes.ts'
import { writeArchive } from '../../plane/vault/src/backup-archive.ts'
import { rootKeyId, writeRootKey } from '../../plane/vault/src/key-sources/root-key.ts'
import { envelopeSetting } from '../../plane/vault/src/key-sources/root-envelope.ts'

const folder = join(import.meta.dirname, '../../plane/vault/testdata/vectors')
const key = () => new Secret(new Uint8Array(knownBytes('root key', 32)))

function rootKeyVectors() {
  const line = Buffer.from(writeRootKey(key())).toString()
  const id = rootKeyId(key())
  const accepted = (name: string, text: string) => ({ name, text, key: hex(key().reveal()), id })
  const at = (place: number, character: string) => line.slice(0, place) + character + line.slice(place + 1)
  const wrong = (name: string, text: string) => ({ name, text })
  return {
    format: 'root key 1',
    accept: [
      accepted('the line alone', line),
      accepted('with a line end', `${line}\n`),
      accepted('with comments', `# a comment\n\n${line}\n# another\n`),
    ],
    refuse: [
      wrong('nothing', ''),
      wrong('a comment alone', '# headgate-root-key-1:\n'),
      wrong('the line twice', `${line}\n${line}\n`),
      wrong('another version', line.replace('key-1:', 'key-2:')),
      wrong('upper case in front', line.replace('headgate', 'Headgate')),
      wrong('no prefix', line.slice(20)),
      wrong('a space in front', ` ${line}`),
      wrong('a space behind', `${line} `),
      wrong('a carriage return', `${line}\r\n`),
      wrong('padding', `${line}=`),
      wrong('the alphabet of base64', at(30, '+')),
      wrong('one character of the key', at(30, line[30] === 'A' ? 'B' : 'A')),
      wrong('one character of the checksum', at(65, line[65] === 'A' ? 'B' : 'A')),
      wrong('two characters swapped', at(40, line[41] ?? '').slice(0, 41) + (line[40] ?? '') + line.slice(42)),
      ...[19, 20, 21, 62, 63, 64, 67].map((length) => wrong(`cut off after ${length} characters`, line.slice(0, length))),
      wrong('a character more', `${line}A`),
      wrong('four characters more', `${line}AAAA`),
    ],
  }
}

function envelopeVectors() {
  const folderId = '00112233aabbccdd'
  const root = rootKeyId(key())
  const passphrase = 'correct horse bättery'
  const salt = knownBytes('argon2 salt', 16)
  const cost = { memory: 8192, passes: 1, lanes: 1 }
  const message = Buffer.from(passphrase.normalize('NFC'))
  const bytes = argon2Sync('argon2id', { message, nonce: salt, parallelism: 1, tagLength: 32, memory: 8192, passes: 1 })
  const context = { organisation: '', environment: '', type: 'root:passphrase', id: `${folderId}/${root}` }
  const wrapping = secretKey(hex(salt.subarray(0, 8)), new Uint8Array(bytes))
  const sealed = Buffer.from(seal(wrapping, context, key().reveal(), knownBytes('envelope salt', 32)))
  const envelope = {
    format: 1,
    source: 'passphrase',
    root,
    kdf: { name: 'argon2id', ...cost, salt: salt.toString('base64') },
    sealed: sealed.toString('base64'),
  }
  const name = envelopeSetting(root)
  const base = { folderId, passphrase, setting: name }
  const wrong = (what: string, changed: unknown, change: object = {}) => ({
    name: what,
    ...base,
    text: typeof changed === 'string' ? changed : JSON.stringify(changed),
    ...change,
  })
  return {
    format: 'root envelope 1',
    accept: [
      { name: 'a passphrase', ...base, text: JSON.stringify(envelope), key: hex(key().reveal()) },
      {
        name: 'the passphrase in another form of the same letters',
        ...base,
        passphrase: passphrase.normalize('NFD'),
        text: JSON.stringify(envelope),
        key: hex(key().reveal()),
      },
    ],
    refuse: wrongEnvelopes({ envelope, sealed, salt, passphrase, wrong }),
  }
}

interface EnvelopeGround {
  readonly envelope: { readonly kdf: object; readonly sealed: string }
  readonly sealed: Buffer
  readonly salt: Buffer
  readonly passphrase: string
  readonly wrong: (what: string, changed: unknown, change?: object) => object
}

function wrongEnvelopes({ envelope, sealed, salt, passphrase, wrong }: EnvelopeGround): object[] {
  const kdf = (change: object) => ({ ...envelope, kdf: { ...envelope.kdf, ...change } })
  const resealed = (of: Buffer) => ({ ...envelope, sealed: of.toString('base64') })
  return [
    wrong('nothing', ''),
    wrong('no object', '[]'),
    wrong('cut off', JSON.stringify(envelope).slice(0, -2)),
    wrong('another passphrase', envelope, { passphrase: 'correct horse battery' }),
    wrong('the passphrase with a space more', envelope, { passphrase: `${passphrase} ` }),
    wrong('the passphrase in capitals', envelope, { passphrase: passphrase.toUpperCase() }),
    wrong('another folder', envelope, { folderId: '00112233aabbccde' }),
    wrong('under the name of another key', envelope, { setting: 'root-key/0011223344556677' }),
    wrong('format 0', { ...envelope, format: 0 }),
    wrong('format 2', { ...envelope, format: 2 }),
    wrong('the format as text', { ...envelope, format: '1' }),
    wrong('another source', { ...envelope, source: 'kms' }),
    wrong('an unknown source', { ...envelope, source: 'hardware' }),
    wrong('another root key', { ...envelope, root: '0011223344556677' }, { setting: 'root-key/0011223344556677' }),
    wrong('another function', kdf({ name: 'argon2i' })),
    wrong('no parameters', { ...envelope, kdf: null }),
    wrong('more passes', kdf({ passes: 2 })),
    wrong('more memory', kdf({ memory: 8193 })),
    wrong('more lanes', kdf({ lanes: 2 })),
    wrong('too little memory', kdf({ memory: 8191 })),
    wrong('too much memory', kdf({ memory: 1_048_577 })),
    wrong('too many passes', kdf({ passes: 65 })),
    wrong('a fraction of a pass', kdf({ passes: 1.5 })),
    wrong('a negative number', kdf({ passes: -1 })),
    wrong('another salt', kdf({ salt: flipped(salt, 15).toString('base64') })),
    wrong('a salt of 15 bytes', kdf({ salt: salt.subarray(1).toString('base64') })),
    wrong('no salt', kdf({ salt: '' })),
    ...[0, 1, 9, 41, 73, 104, -16, -1].map((place) => wrong(`one bit of byte ${place} of the seal`, resealed(flipped(sealed, place)))),
    ...[0, 1, 73, 88, 120].map((length) => wrong(`the seal cut off after ${length} bytes`, resealed(sealed.subarray(0, length)))),
    wrong('a byte behind the seal', resealed(Buffer.concat([sealed, Buffer.of(0)]))),
  ]
}

async function archiveVectors() {
  const once = async function* (content: Buffer) {
    yield content
  }
  const archiveOf = async (...entries: [string, string][]) => {
    const chunks: Uint8Array[] = []
    const all = entries.map(([name, content]) => ({ name, size: Buffer.byteLength(content), content: once(Buffer.from(content)) }))
    for await (const chunk of writeArchive(all)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const good = await archiveOf(['a', 'first'], ['files/b.txt', ''], ['c', 'third'])
  const wrong = (name: string, bytes: Uint8Array) => ({ name, archive: hex(bytes) })
  const entry = (header: string, content = '') => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(header))
    return Buffer.concat([Buffer.from('headgate-archive-1\n'), length, Buffer.from(header + content), Buffer.alloc(4)])
  }
  return {
    format: 'archive 1',
    accept: [
      {
        name: 'three entries',
        archive: hex(good),
        entries: [
          ['a', 'first'],
          ['files/b.txt', ''],
          ['c', 'third'],
        ],
      },
      { name: 'no entry', archive: hex(await archiveOf()), entries: [] },
    ],
    refuse: [
      wrong('nothing', Buffer.alloc(0)),
      wrong('another version', Buffer.concat([Buffer.from('headgate-archive-2\n'), good.subarray(19)])),
      ...[1, 18, 19, 22, 23, 30, 47, 50, good.length - 8, good.length - 4, good.length - 1].map((length) =>
        wrong(`cut off after ${length} bytes`, good.subarray(0, length)),
      ),
      wrong('a byte appended', Buffer.concat([good, Buffer.of(0)])),
      wrong('two archives', Buffer.concat([good, good])),
      wrong('a header that is no JSON', entry('{"name":"a","size":0')),
      wrong('a header without a size', entry('{"name":"a"}')),
      wrong('a negative size', entry('{"name":"a","size":-1}')),
      wrong('a size as text', entry('{"name":"a","size":"0"}')),
      wrong('a fraction of a size', entry('{"name":"a","size":0.5}')),
      ...['', '..', '.', '../a', '/a', 'a/', 'a//b', 'a/../b', 'a\\\\b', 'ä'].map((name) =>
        wrong(`the name ${name}`, entry(`{"name":"${name}","size":0}`)),
      ),
      wrong('a header longer than 64 KiB', entry(`{"name":"a","size":0,"more":"${'x'.repeat(65_536)}"}`).subarray(0, 60)),
    ],
  }
}

const files = { 'root-key-1': rootKeyVectors, 'root-envelope-1': envelopeVectors, 'archive-1': archiveVectors }
for (const [name, make] of Object.entries(files)) {
  const file = join(folder, `${name}.json`)
  if (existsSync(file)) continue
  writeFileSync(file, `${JSON.stringify(await make(), null, 1)}\n`)
  console.log(`wrote ${name}.json`)
}
