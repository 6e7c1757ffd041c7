import { type SealContext, SealGroup, seal, secretKey } from '@headgate/crypto'
import { type VectorFile, flipped, hex, knownBytes } from './known-bytes.ts'

const key = { id: '0123456789abcdef', bytes: knownBytes('key', 32) }
const keyJson = { id: key.id, bytes: hex(key.bytes) }
const newKey = () => secretKey(key.id, Buffer.from(key.bytes))
const place: SealContext = { organisation: 'o-1', environment: '', type: 'audit', id: '7' }
const salt = knownBytes('salt of a group', 32)

/** Seals of one group, each under its number in it. */
export function groupedSealVectors(): VectorFile {
  const group = new SealGroup(newKey(), salt)
  const made = [
    { name: 'the first of a group', context: place, plaintext: Buffer.from('correct horse') },
    { name: 'nothing at all', context: { ...place, id: '8' }, plaintext: Buffer.alloc(0) },
    { name: 'the first once more, as the third', context: place, plaintext: Buffer.from('correct horse') },
    { name: 'names that are not ASCII', context: { ...place, organisation: 'Škoda', id: '\u{1F511}' }, plaintext: Buffer.from('x') },
    { name: 'empty names', context: { organisation: '', environment: '', type: '', id: '' }, plaintext: Buffer.from('x') },
    { name: '1,000 bytes', context: place, plaintext: knownBytes('long', 1_000) },
  ].map(({ name, context: of, plaintext }, index) => {
    const sealed = hex(group.seal(of, plaintext))
    return { name, key: keyJson, context: of, plaintext: hex(plaintext), salt: hex(salt), index, sealed }
  })
  const [first, second, third] = made.map(({ sealed }) => Buffer.from(sealed, 'hex')) as [Buffer, Buffer, Buffer]
  return { format: 'seal 4', accept: made, refuse: wrongSeals(first, second, third) }
}

/** Where a seal in a group has what. */
const groupedPlaces = {
  version: 0,
  'key id, first byte': 1,
  'key id, last byte': 8,
  'salt, first byte': 9,
  'salt, last byte': 40,
  'commitment, first byte': 41,
  'commitment, last byte': 72,
  'number, first byte': 73,
  'number, last byte': 76,
  'ciphertext, first byte': 77,
  'ciphertext, last byte': -17,
  'tag, first byte': -16,
  'tag, last byte': -1,
}
const groupedCodes: Record<string, string> = {
  version: 'SEAL_UNKNOWN',
  'key id, first byte': 'KEY_UNKNOWN',
  'key id, last byte': 'KEY_UNKNOWN',
}

function wrongSeals(sealed: Buffer, second: Buffer, third: Buffer): VectorFile['refuse'] {
  const alone = Buffer.from(seal(newKey(), place, Buffer.from('correct horse'), salt))
  const wrong = (name: string, bytes: Uint8Array, code = 'SEAL_TAMPERED', change: object = {}) => ({
    name,
    key: keyJson,
    context: place,
    sealed: hex(bytes),
    code,
    ...change,
  })
  return [
    ...Object.entries(groupedPlaces).map(([what, at]) => wrong(`one bit of the ${what}`, flipped(sealed, at), groupedCodes[what])),
    ...[0, 1, 8, 9, 41, 72, 73, 76, 77, 92, sealed.length - 17, sealed.length - 1].map((length) =>
      wrong(`cut off after ${length} bytes`, sealed.subarray(0, length)),
    ),
    wrong('a byte appended', Buffer.concat([sealed, Buffer.of(0)])),
    ...[0, 2, 3, 127, 255].map((version) =>
      wrong(`version ${version}`, Buffer.concat([Buffer.of(version), sealed.subarray(1)]), 'SEAL_UNKNOWN'),
    ),
    wrong('as version 1', Buffer.concat([Buffer.of(1), sealed.subarray(1)])),
    wrong('a seal of version 1 under the same salt', Buffer.concat([Buffer.of(4), alone.subarray(1)])),
    wrong('the number of another of the group', Buffer.concat([sealed.subarray(0, 73), third.subarray(73, 77), sealed.subarray(77)])),
    wrong('the ciphertext of another of the group', Buffer.concat([sealed.subarray(0, 77), third.subarray(77, -16), sealed.subarray(-16)])),
    wrong('the tag of another of the group', Buffer.concat([sealed.subarray(0, -16), third.subarray(-16)])),
    wrong('another of the group', second),
    ...(['organisation', 'environment', 'type', 'id'] as const).map((field) =>
      wrong(`another ${field}`, sealed, 'SEAL_TAMPERED', { context: { ...place, [field]: `${place[field]}x` } }),
    ),
    wrong('another key under the same id', sealed, 'SEAL_TAMPERED', { key: { id: key.id, bytes: hex(knownBytes('another key', 32)) } }),
    wrong('no such key', sealed, 'KEY_UNKNOWN', { key: { id: 'ffffffffffffffff', bytes: hex(key.bytes) } }),
  ]
}
