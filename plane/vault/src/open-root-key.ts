import { HeadgateError, type Row, type Secret, type Write } from '@headgate/model'
import { type Database, type KeyRecordRow, type KeyRotationRow, upsert } from '@headgate/store'
import { requireApart } from './key-sources/key-file.ts'
import type { KeySource } from './key-sources/key-source.ts'
import { ENVELOPE_PREFIX, type RootEnvelope, envelopeSetting, readEnvelope, writeEnvelope } from './key-sources/root-envelope.ts'
import { newRootKey, rootKeyId, wipe } from './key-sources/root-key.ts'
import { type Keyring, createKeyring } from './keyring.ts'
import { readSnapshot } from './read-snapshot.ts'
import { isUnderWay, wrappingRoot } from './rotation/rotation-state.ts'
import { USES_SETTING } from './rotation/roll-data-keys.ts'

/** What opening a database's keys begins with: as it stands, unchecked, because checking it takes the keys. */
export interface StoredKeys {
  readonly records: readonly KeyRecordRow[]
  /** The rotation under way; while there is one, either of two root keys opens everything. */
  readonly rotation: KeyRotationRow | undefined
  readonly envelopes: readonly RootEnvelope[]
  /** How much each data key has sealed, as it was noted last. */
  readonly uses: string | undefined
  /** Whether there are audit records, so that keys must have been there once. */
  readonly used: boolean
}

export async function readStoredKeys(database: Database): Promise<StoredKeys> {
  const snapshot = await readSnapshot(database)
  try {
    const records = await snapshot.all('select * from "key_records" order by "created_at", "id"')
    const rotations = await snapshot.all('select * from "key_rotations" order by "number" desc limit 1')
    const settings = await snapshot.all(`select "name", "value" from "settings" where "name" like '${ENVELOPE_PREFIX}%'`)
    const uses = await snapshot.all(`select "value" from "settings" where "name" = '${USES_SETTING}'`)
    const used = await snapshot.all('select 1 as "one" from "audit" limit 1')
    return {
      records: records as unknown as KeyRecordRow[],
      rotation: (rotations as unknown as KeyRotationRow[]).find(isUnderWay),
      envelopes: settings.map((row: Row) => readEnvelope(String(row['name']), String(row['value']))),
      uses: uses[0] && String(uses[0]['value']),
      used: used.length > 0,
    }
  } finally {
    await snapshot.close()
  }
}

/**
 * The first root key of a database, where it has none yet, and what its source wants the database to keep.
 * A database without keys must be without records too: otherwise its keys were taken out, and new ones would hide it.
 */
export async function firstRootKey(
  database: Database,
  source: KeySource,
  stored: StoredKeys,
): Promise<{ keyring: Keyring; writes: Write[] }> {
  if (stored.used) throw new HeadgateError('DATA_DAMAGED', { folder: database.place, reason: 'its key records are gone' })
  requireApart(source, database.id, database.folder)
  const key = (await source.load(database.id, stored.envelopes)) ?? newRootKey()
  const envelope = await source.wrap(database.id, key)
  await source.store(database.id, key)
  return { keyring: keyringOf(key), writes: envelope ? [envelopeWrite(envelope)] : [] }
}

/**
 * The keyring of a database that has keys, with its root keys and nothing else yet.
 *
 * @throws KEY_MISSING, KEY_WRONG, and what the source throws
 */
export async function knownRootKey(database: Database, source: KeySource, stored: StoredKeys): Promise<Keyring> {
  const { records, rotation } = stored
  const place = source.place(database.id)
  const key = await source.load(database.id, stored.envelopes)
  if (!key) throw new HeadgateError('KEY_MISSING', { place })
  const found = rootKeyId(key)
  const wanted = new Set([...records.map(({ root }) => root), ...(rotation ? [rotation.from_root, rotation.to_root] : [])])
  if (!wanted.has(found)) {
    wipe(key)
    throw new HeadgateError('KEY_WRONG', { place, found, wanted: rotation ? wrappingRoot(rotation) : (records[0]?.root ?? '') })
  }
  const keyring = keyringOf(key)
  if (rotation) takeBothRoots(keyring, rotation)
  return keyring
}

/** Takes in the other root key of a rotation, from the one that is known. @throws SEAL_TAMPERED, KEY_UNKNOWN */
export function takeBothRoots(keyring: Keyring, rotation: KeyRotationRow): void {
  const { from_root: from, to_root: to, old_under_new: old, new_under_old: next } = rotation
  const takeOver = (root: string, under: string, sealed: Uint8Array | null) => {
    if (keyring.hasRoot(root) || !keyring.hasRoot(under) || !sealed) return
    const other = keyring.openBridge(root, under, sealed)
    keyring.addRoot(other)
    wipe(other)
  }
  takeOver(to, from, next)
  takeOver(from, to, old)
  keyring.wrapWith(wrappingRoot(rotation))
}

export function envelopeWrite(envelope: RootEnvelope): Write {
  return upsert('settings', { name: envelopeSetting(envelope.root), value: writeEnvelope(envelope) })
}

function keyringOf(key: Secret<Uint8Array>): Keyring {
  const keyring = createKeyring(key)
  wipe(key)
  return keyring
}
