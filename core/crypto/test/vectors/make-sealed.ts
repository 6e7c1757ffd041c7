import { createSecretKey } from 'node:crypto'
import { type SealContext, makeHandle, mintToken, rowMac, seal, secretKey, tokenDigest, tokenKinds } from '@headgate/crypto'
import type { Row } from '@headgate/model'
import { type VectorFile, flipped, hex, knownBytes } from './known-bytes.ts'

const context: SealContext = { organisation: 'o-1', environment: 'e-1', type: 'secret', id: '00112233445566778899aabbccddeeff' }
const key = { id: '0123456789abcdef', bytes: knownBytes('key', 32) }
const newKey = (of = key) => secretKey(of.id, Buffer.from(of.bytes))

export function sealVectors(): VectorFile {
  const keyJson = { id: key.id, bytes: hex(key.bytes) }
  const make = (name: string, place: SealContext, plaintext: Buffer) => {
    const salt = knownBytes(`salt ${name}`, 32)
    return {
      name,
      key: keyJson,
      context: place,
      plaintext: hex(plaintext),
      salt: hex(salt),
      sealed: hex(seal(newKey(), place, plaintext, salt)),
    }
  }
  const good = make('a short secret', context, Buffer.from('correct horse'))
  return {
    format: 'seal 1',
    accept: [
      good,
      make('nothing at all', context, Buffer.alloc(0)),
      make('one byte', context, Buffer.of(0)),
      make('a text of an environment', { ...context, type: 'text', id: '7' }, Buffer.from('values:\n  a: 1\n')),
      make('empty names', { organisation: '', environment: '', type: '', id: '' }, Buffer.from('x')),
      make('names that are not ASCII', { ...context, organisation: 'Škoda', id: '\u{1F511}' }, Buffer.from('x')),
      make('1,000 bytes', context, knownBytes('long', 1_000)),
    ],
    refuse: wrongSeals(Buffer.from(good.sealed, 'hex')),
  }
}

/** Where a seal has what, and what is answered when that is changed. */
const places = {
  version: 0,
  'key id, first byte': 1,
  'key id, last byte': 8,
  'salt, first byte': 9,
  'salt, last byte': 40,
  'commitment, first byte': 41,
  'commitment, last byte': 72,
  'ciphertext, first byte': 73,
  'ciphertext, last byte': -17,
  'tag, first byte': -16,
  'tag, last byte': -1,
}
const codes: Record<string, string> = { version: 'SEAL_UNKNOWN', 'key id, first byte': 'KEY_UNKNOWN', 'key id, last byte': 'KEY_UNKNOWN' }

function wrongSeals(sealed: Buffer): VectorFile['refuse'] {
  const keyJson = { id: key.id, bytes: hex(key.bytes) }
  const wrong = (name: string, bytes: Uint8Array, code = 'SEAL_TAMPERED', change: object = {}) => ({
    name,
    key: keyJson,
    context,
    sealed: hex(bytes),
    code,
    ...change,
  })
  const cuts = [0, 1, 8, 9, 40, 41, 72, 73, 88, sealed.length - 17, sealed.length - 16, sealed.length - 1]
  const other = Buffer.from(seal(newKey(), context, Buffer.from('another value'), knownBytes('other', 32)))
  const spliced = (start: number, end: number) =>
    Buffer.concat([sealed.subarray(0, start), other.subarray(start, end), sealed.subarray(end)])
  return [
    ...Object.entries(places).map(([place, at]) => wrong(`one bit of the ${place}`, flipped(sealed, at), codes[place])),
    ...cuts.map((length) => wrong(`cut off after ${length} bytes`, sealed.subarray(0, length))),
    wrong('a byte appended', Buffer.concat([sealed, Buffer.of(0)])),
    wrong('a byte in front', Buffer.concat([Buffer.of(1), sealed]), 'KEY_UNKNOWN'),
    ...[0, 2, 3, 127, 255].map((version) =>
      wrong(`version ${version}`, Buffer.concat([Buffer.of(version), sealed.subarray(1)]), 'SEAL_UNKNOWN'),
    ),
    wrong('the salt of another seal', spliced(9, 41)),
    wrong('the commitment of another seal', spliced(41, 73)),
    wrong('salt and commitment of another seal', spliced(9, 73)),
    wrong('the ciphertext of another seal', spliced(73, sealed.length - 16)),
    wrong('the tag of another seal', spliced(sealed.length - 16, sealed.length)),
    ...(['organisation', 'environment', 'type', 'id'] as const).flatMap((field) => [
      wrong(`another ${field}`, sealed, 'SEAL_TAMPERED', { context: { ...context, [field]: `${context[field]}x` } }),
      wrong(`no ${field}`, sealed, 'SEAL_TAMPERED', { context: { ...context, [field]: '' } }),
    ]),
    wrong('organisation and environment swapped', sealed, 'SEAL_TAMPERED', {
      context: { ...context, organisation: 'e-1', environment: 'o-1' },
    }),
    wrong('a letter moved between fields', sealed, 'SEAL_TAMPERED', { context: { ...context, organisation: 'o-', environment: '1e-1' } }),
    wrong('another key under the same id', sealed, 'SEAL_TAMPERED', { key: { id: key.id, bytes: hex(knownBytes('another key', 32)) } }),
    wrong('no such key', sealed, 'KEY_UNKNOWN', { key: { id: 'ffffffffffffffff', bytes: hex(key.bytes) } }),
    wrong('nothing', Buffer.alloc(0)),
    wrong('zeros', Buffer.alloc(120), 'SEAL_UNKNOWN'),
  ]
}

export function handleVectors(): VectorFile {
  const bytes = knownBytes('handle key', 32)
  const secret = createSecretKey(Buffer.from(bytes))
  const record = '00112233445566778899aabbccddeeff'
  const handle = Buffer.from(makeHandle(secret, record))
  const other = Buffer.from(makeHandle(secret, 'ff112233445566778899aabbccddeeff'))
  const wrong = (name: string, of: Uint8Array, by: Uint8Array = bytes) => ({ name, key: hex(by), handle: hex(of) })
  return {
    format: 'handle 1',
    accept: [
      { name: 'a record', key: hex(bytes), record, handle: hex(handle) },
      { name: 'another record', key: hex(bytes), record: 'ff112233445566778899aabbccddeeff', handle: hex(other) },
    ],
    refuse: [
      ...[0, 1, 16, 17, 32].map((at) => wrong(`one bit of byte ${at}`, flipped(handle, at))),
      ...[0, 1, 16, 17, 31, 32].map((length) => wrong(`cut off after ${length} bytes`, handle.subarray(0, length))),
      wrong('a byte appended', Buffer.concat([handle, Buffer.of(0)])),
      wrong('the MAC of another record', Buffer.concat([handle.subarray(0, 17), other.subarray(17)])),
      ...[0, 2, 255].map((version) => wrong(`version ${version}`, Buffer.concat([Buffer.of(version), handle.subarray(1)]))),
      wrong('another key', handle, knownBytes('another handle key', 32)),
      wrong('zeros', Buffer.alloc(33)),
    ],
  }
}

export function tokenVectors(): VectorFile {
  const bytes = knownBytes('token key', 32)
  const secret = createSecretKey(Buffer.from(bytes))
  const tokenOf = (kind: (typeof tokenKinds)[number], random: Buffer) => mintToken(kind, random).reveal()
  const good = tokenOf('user', knownBytes('token', 32))
  const wrong = (name: string, token: string) => ({ name, token })
  const at = (place: number, character: string) => good.slice(0, place) + character + good.slice(place + 1)
  return {
    format: 'token 1',
    accept: [
      ...tokenKinds.map((kind) => ({ kind, random: knownBytes(kind, 32) })),
      { kind: 'user' as const, random: Buffer.alloc(32) },
      { kind: 'machine' as const, random: Buffer.alloc(32, 0xff) },
    ].map(({ kind, random }) => ({
      name: `${kind} ${hex(random.subarray(0, 2))}`,
      kind,
      random: hex(random),
      token: tokenOf(kind, random),
      key: hex(bytes),
      digest: hex(tokenDigest(secret, tokenOf(kind, random))),
    })),
    refuse: [
      wrong('nothing', ''),
      wrong('another kind in front', good.replace('hg_user_', 'hg_machine_')),
      wrong('a kind there is not', good.replace('hg_user_', 'hg_admin_')),
      wrong('no kind', good.replace('hg_user_', 'hg_')),
      wrong('another prefix', good.replace('hg_', 'gh_')),
      wrong('upper case', good.toUpperCase()),
      wrong('lower case', good.toLowerCase()),
      wrong('a space in front', ` ${good}`),
      wrong('a line end behind', `${good}\n`),
      wrong('a character appended', `${good}0`),
      wrong('the last character gone', good.slice(0, -1)),
      wrong('the first digit gone', good.slice(0, 8) + good.slice(9)),
      wrong('another first digit', at(8, good[8] === '1' ? '2' : '1')),
      wrong('another last digit', at(50, good[50] === '1' ? '2' : '1')),
      wrong('another checksum', at(56, good[56] === '1' ? '2' : '1')),
      wrong('two digits swapped', at(20, good[21] ?? '').slice(0, 21) + (good[20] ?? '') + good.slice(22)),
      wrong('a hyphen among the digits', at(12, '-')),
      wrong('a digit of another alphabet', at(12, '\u0661')),
      wrong('a number of more than 256 bits', `hg_user_${'z'.repeat(43)}000000`),
    ],
  }
}

export function rowVectors(): VectorFile {
  const macKey = secretKey(key.id, Buffer.from(knownBytes('mac key', 32)))
  const row: Row = { id: 'r-1', environment: 'e-1', number: 7, sealed: knownBytes('sealed', 8), deleted: null, change: 41 }
  const mac = rowMac(macKey, 'records', row)
  const json = (cells: Row) =>
    Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, cell instanceof Uint8Array ? { hex: hex(cell) } : cell]))
  const base = { key: { id: key.id, bytes: hex(knownBytes('mac key', 32)) } }
  const wrong = (name: string, cells: Row, table = 'records', of: Uint8Array = mac) => ({
    name,
    ...base,
    table,
    row: json(cells),
    mac: hex(of),
  })
  const { number: _, ...missing } = row
  const accepted = (name: string, table: string, cells: Row) => ({
    name,
    ...base,
    table,
    row: json(cells),
    mac: hex(rowMac(macKey, table, cells)),
  })
  return {
    format: 'row MAC 1',
    accept: [
      accepted('every kind of cell', 'records', row),
      accepted('no columns', 'records', {}),
      accepted('negative and large numbers', 'revisions', { a: -1, b: -(2 ** 53) + 1, c: 2 ** 53 - 1, d: 2 ** 32 }),
      accepted('text that is not ASCII', 'tags', { name: 'Škoda \u{1F511}' }),
    ],
    refuse: [
      wrong('another table', row, 'revisions'),
      wrong('another change', { ...row, change: 40 }),
      wrong('another text', { ...row, id: 'r-2' }),
      wrong('another number', { ...row, number: 8 }),
      wrong('a number as text', { ...row, number: '7' }),
      wrong('null instead of a number', { ...row, number: null }),
      wrong('null instead of empty text', { ...row, deleted: '' }),
      wrong('bytes as text', { ...row, sealed: hex(row['sealed'] as Uint8Array) }),
      wrong('one bit of the bytes', { ...row, sealed: flipped(row['sealed'] as Uint8Array, 0) }),
      wrong('a column missing', missing),
      wrong('a column more', { ...row, extra: null }),
      wrong('a column renamed', { ...missing, numbers: 7 }),
      wrong('two values swapped', { ...row, id: 'e-1', environment: 'r-1' }),
      ...[0, 1, 8, 9, -1].map((at) => wrong(`one bit of byte ${at} of the MAC`, row, 'records', flipped(mac, at))),
      ...[0, 1, 9, 40].map((length) => wrong(`the MAC cut off after ${length} bytes`, row, 'records', mac.subarray(0, length))),
      wrong('a byte behind the MAC', row, 'records', Buffer.concat([mac, Buffer.of(0)])),
      wrong('the MAC of another row', row, 'records', rowMac(macKey, 'records', { ...row, id: 'r-2' })),
    ],
  }
}
