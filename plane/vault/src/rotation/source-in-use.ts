import { HeadgateError } from '@headgate/model'
import type { KeyRotationRow } from '@headgate/store'
import type { KeySource, KeySourceKind } from '../key-sources/key-source.ts'
import { rootKeyId, wipe } from '../key-sources/root-key.ts'
import { readStoredKeys } from '../open-root-key.ts'
import type { Vault } from '../vault.ts'

/** The key file and the key service a root key can be moved to, where the plane was started with them. */
export interface RotationTargets {
  readonly file?: KeySource
  readonly kms?: KeySource
}

/** Where the root key is now. */
export interface SourceInUse {
  readonly kind: KeySourceKind
  /** In words a person can act on: what to back up. */
  readonly place: string
  /** Undefined where this plane was started without it. */
  readonly source: KeySource | undefined
}

const placesUnknown: Readonly<Record<KeySourceKind, string>> = {
  file: 'a key file',
  kms: 'a key service',
  passphrase: 'the passphrase it was moved to',
  environment: 'the variable it was moved to',
  given: 'the key that was given',
}

/**
 * The source the plane was started with, until its root key is moved: then it is where the newest rotation says, which the next
 * start has to be told.
 */
export function sourceInUse(
  { keyring, keySource, database }: Vault,
  targets: RotationTargets,
  newest: KeyRotationRow | undefined,
): SourceInUse {
  const root = keyring.rootId()
  if (root === keyring.openedWith() || !newest) return { kind: keySource.kind, place: keySource.place(database.id), source: keySource }
  const kind = (newest.to_root === root ? newest.to_source : newest.from_source) as KeySourceKind
  const source = [keySource, targets.file, targets.kms].find((each) => each?.kind === kind)
  // Another passphrase, or another variable's key, is of the same kind; what the plane has of it is what it was started with.
  const place = source === undefined || keptByPeople.has(kind) ? placesUnknown[kind] : source.place(database.id)
  return { kind, place, source }
}

const keptByPeople: ReadonlySet<KeySourceKind> = new Set(['passphrase', 'environment'])

/**
 * The source that has the root key now, to put the next one there too.
 *
 * @throws KEY_SOURCE_ABSENT where the plane was started with another one, be it with another passphrase
 */
export async function requireSourceInUse(vault: Vault, targets: RotationTargets, newest: KeyRotationRow | undefined): Promise<KeySource> {
  const { kind, place, source } = sourceInUse(vault, targets, newest)
  if (source && (!keptByPeople.has(kind) || (await hasRootInUse(source, vault)))) return source
  throw new HeadgateError('KEY_SOURCE_ABSENT', { source: place })
}

async function hasRootInUse(source: KeySource, { database, keyring }: Vault): Promise<boolean> {
  if (keyring.rootId() === keyring.openedWith()) return true
  const { envelopes } = await readStoredKeys(database)
  try {
    const key = await source.load(database.id, envelopes)
    const id = key && rootKeyId(key)
    if (key) wipe(key)
    return id === keyring.rootId()
  } catch (error) {
    if (error instanceof HeadgateError && error.problem.code === 'KEY_PASSPHRASE_WRONG') return false
    throw error
  }
}
