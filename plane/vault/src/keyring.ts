import { randomBytes } from 'node:crypto'
import {
  KEY_ID_LENGTH,
  KEY_LENGTH,
  type Resealing,
  type SealContext,
  type SecretKey,
  open,
  seal,
  sealKeyId,
  secretKey,
  wipeableCopy,
} from '@headgate/crypto'
import { HeadgateError, type OrganisationId, Secret } from '@headgate/model'
import type { Fields, KeyPurpose, KeyRecordRow } from '@headgate/store'
import { copyOf, rootKeyId, wipe } from './key-sources/root-key.ts'

/** The organisation that stands for the whole installation in a key record. */
export const INSTALLATION = ''

/** What the keys of the installation are for; each of these exists from the first start. */
const installationPurposes: readonly KeyPurpose[] = ['mac', 'handle', 'token', 'log', 'seal']

/** A key of the ring as it is known while the plane runs. */
export interface RingKey {
  readonly id: string
  readonly purpose: KeyPurpose
  readonly organisation: string
  readonly key: SecretKey
  readonly created: number
  active: boolean
  /** How many values this process has sealed with it. */
  uses: number
  /** Whether its record was read. One that is not may be on its way into the database. */
  stored: boolean
}

/** What a wrapped key is told from others by. */
type Named = Pick<KeyRecordRow, 'id' | 'organisation' | 'purpose'>

/**
 * Every key of an installation, unwrapped: root key → data keys. Which of them a new value is sealed with, and where
 * the key of an old one is found.
 *
 * While a root key is rotated there are two root keys: both unwrap, and one of them wraps.
 */
export interface Keyring {
  /** The root key that wraps now. */
  rootId(): string
  /** That root key itself; for the back-up. */
  root(): Secret<Uint8Array>
  /** The id of the root key the ring was made with: what its source handed over. */
  openedWith(): string
  /** Takes in a second root key, and makes it the one that wraps where it is named so. The key is copied. */
  addRoot(root: Secret<Uint8Array>): void
  /** @throws KEY_UNKNOWN where it is not in the ring */
  wrapWith(rootId: string): void
  /** Forgets and wipes every root key but the one that wraps. */
  dropOtherRoots(): void
  /** One root key sealed under another, both in the ring: so that whoever has either can go on. */
  bridge(rootId: string, under: string): Uint8Array
  /** Opens what `bridge` made. @throws KEY_UNKNOWN, SEAL_TAMPERED */
  openBridge(rootId: string, under: string, sealed: Uint8Array): Secret<Uint8Array>
  hasRoot(rootId: string): boolean

  /** The key to use now. @throws KEY_UNKNOWN where the organisation has none */
  active(purpose: KeyPurpose, organisation?: string): SecretKey
  /** The key to seal a value with now; counts the use. */
  forSealing(organisation: string): SecretKey
  /** How many values were sealed since the start, with all keys together. */
  sealed(): number
  /** Any key by its id, retired ones too, where it is for this purpose. */
  find(purpose: KeyPurpose, id: string): SecretKey | undefined
  /** What is known of a key besides itself. */
  describe(id: string): RingKey | undefined
  all(): IterableIterator<RingKey>
  /** Takes in a key record; its MAC is the caller's to check. @throws SEAL_TAMPERED, KEY_UNKNOWN (another root key) */
  add(record: Fields<KeyRecordRow>): void
  /** Takes in what some records say: new keys, and which are in use. */
  take(records: readonly Fields<KeyRecordRow>[]): void
  /** Makes the ring what all records say: takes in, retires, forgets. */
  reload(records: readonly Fields<KeyRecordRow>[]): void
  /** Forgets keys whose records are gone. */
  forget(ids: readonly string[]): void
  /** A new key wrapped as a record. It is used once the ring takes it in. */
  make(purpose: KeyPurpose, organisation: OrganisationId | '', time: number, id?: string): Fields<KeyRecordRow>
  /** A new key that is in the ring at once, with its record, which must be committed with the first value sealed with it. */
  create(purpose: KeyPurpose, organisation: OrganisationId | '', time: number): Fields<KeyRecordRow>
  /** What it takes to have a key's record under the root key that wraps now; undefined where it is. @throws KEY_UNKNOWN, SEAL_UNKNOWN, SEAL_TAMPERED */
  rewrapping(record: Fields<KeyRecordRow>): Resealing | undefined
  /** The seed of the log's signing key, which is used as bytes; the caller wipes it. */
  logSeed(): Uint8Array
  /** Forgets every key and wipes the root keys. Nothing can be opened or sealed any more. */
  close(): void
}

export function createKeyring(root: Secret<Uint8Array>): Keyring {
  const first = rootKeyId(root)
  const roots = createRootKeys(root)
  const data = createDataKeys(roots)
  return {
    rootId: roots.wrappingId,
    root: () => roots.of(roots.wrappingId()).bytes,
    openedWith: () => first,
    addRoot: roots.add,
    wrapWith: roots.wrapWith,
    dropOtherRoots: roots.dropOthers,
    bridge: (rootId, under) => seal(roots.of(under).key, bridgeContext(rootId), roots.of(rootId).bytes.reveal()),
    openBridge: (rootId, under, sealed) => openBridgeWith(roots.of(under).key, rootId, sealed),
    hasRoot: roots.has,
    ...data,
    close() {
      data.forgetAll()
      roots.forget()
    },
  }
}

/** A root key as bytes, for its bridges and for back-ups, and as a key that wraps. */
interface RootKey {
  readonly bytes: Secret<Uint8Array>
  readonly key: SecretKey
}

interface RootKeys {
  wrappingId(): string
  /** @throws KEY_UNKNOWN where it is not there */
  of(id: string): RootKey
  find(id: string): SecretKey | undefined
  has(id: string): boolean
  add(bytes: Secret<Uint8Array>): void
  wrapWith(id: string): void
  dropOthers(): void
  forget(): void
}

function createRootKeys(root: Secret<Uint8Array>): RootKeys {
  const roots = new Map<string, RootKey>()
  let wrapping = rootKeyId(root)
  const add = (bytes: Secret<Uint8Array>) => {
    const id = rootKeyId(bytes)
    if (!roots.has(id)) roots.set(id, { bytes: copyOf(bytes), key: secretKey(id, wipeableCopy(bytes.reveal())) })
  }
  const of = (id: string): RootKey => {
    const known = roots.get(id)
    if (!known) throw new HeadgateError('KEY_UNKNOWN', { type: 'root key', id, key: id })
    return known
  }
  const drop = (ids: readonly string[]) => {
    for (const id of ids) {
      wipe(of(id).bytes)
      roots.delete(id)
    }
  }
  add(root)
  return {
    wrappingId: () => wrapping,
    of,
    find: (id) => roots.get(id)?.key,
    has: (id) => roots.has(id),
    add,
    wrapWith(id) {
      of(id)
      wrapping = id
    },
    dropOthers: () => drop([...roots.keys()].filter((id) => id !== wrapping)),
    forget: () => drop([...roots.keys()]),
  }
}

type DataKeyring = Omit<
  Keyring,
  'rootId' | 'root' | 'openedWith' | 'addRoot' | 'wrapWith' | 'dropOtherRoots' | 'bridge' | 'openBridge' | 'hasRoot' | 'close'
>

/** The keys below the root keys: which there are, and which is used for what. */
function createDataKeys(roots: RootKeys): DataKeyring & { forgetAll(): void } {
  const keys = new Map<string, RingKey>()
  const current = currentKeys()
  let sealed = 0

  const unwrap = (record: Fields<KeyRecordRow>) => open(roots.find, wrapContext(record), record.wrapped)
  const add = (record: Fields<KeyRecordRow>) => {
    const ring = ringOf(record, secretKey(record.id, unwrap(record)))
    keys.set(record.id, ring)
    if (ring.active) current.use(ring)
    return ring
  }
  const take = (records: readonly Fields<KeyRecordRow>[]) => {
    for (const record of records) {
      const ring = keys.get(record.id)
      if (!ring) add(record)
      else if (markRing(ring, record).active) current.use(ring)
    }
  }
  const activeRing = (purpose: KeyPurpose, organisation: string): RingKey => {
    const ring = current.of(purpose, organisation)
    if (!ring) throw new HeadgateError('KEY_UNKNOWN', { type: purpose, id: organisation, key: 'current' })
    return ring
  }

  return {
    active: (purpose, organisation = INSTALLATION) => activeRing(purpose, organisation).key,
    forSealing(organisation) {
      const ring = activeRing('seal', organisation)
      ring.uses += 1
      sealed += 1
      return ring.key
    },
    sealed: () => sealed,
    find(purpose, id) {
      const ring = keys.get(id)
      return ring?.purpose === purpose ? ring.key : undefined
    },
    describe: (id) => keys.get(id),
    all: () => keys.values(),
    add: (record) => void add(record),
    take,
    reload(records) {
      dropUnlisted(keys, records)
      current.clear()
      // What is used is said by its record, or for one that is not stored yet by whoever made it.
      for (const ring of keys.values()) if (!ring.stored) current.use(ring)
      take(records)
    },
    forget(ids) {
      for (const id of ids) keys.delete(id)
    },
    ...wrappingWith(roots, add),
    logSeed: () => activeRing('log', INSTALLATION).key.secret.export(),
    forgetAll() {
      keys.clear()
      current.clear()
    },
  }
}

/** Drops the keys that no record names any more. One whose own record was never seen may be on its way into the database. */
function dropUnlisted(keys: Map<string, RingKey>, records: readonly Fields<KeyRecordRow>[]): void {
  const listed = new Set(records.map((record) => record.id))
  for (const { id, stored } of keys.values()) if (stored && !listed.has(id)) keys.delete(id)
}

/** Makes and renews the records of data keys, under the root key that wraps now. */
function wrappingWith(roots: RootKeys, add: (record: Fields<KeyRecordRow>) => RingKey): Pick<Keyring, 'make' | 'create' | 'rewrapping'> {
  const wrapping = () => roots.of(roots.wrappingId()).key
  const make: Keyring['make'] = (purpose, organisation, time, id = newKeyId()) => {
    const bytes = randomBytes(KEY_LENGTH)
    const record = recordOf(wrapping(), { id, organisation, purpose }, bytes, time)
    bytes.fill(0)
    return record
  }
  return {
    make,
    create(purpose, organisation, time) {
      const record = make(purpose, organisation, time)
      add(record).stored = false
      return record
    },
    rewrapping(record) {
      if (record.root === roots.wrappingId()) return undefined
      const context = wrapContext(record)
      return { context, sealed: record.wrapped, from: roots.of(sealKeyId(record.wrapped, context)).key, to: wrapping() }
    },
  }
}

function ringOf({ id, purpose, organisation, created_at: created, state }: Fields<KeyRecordRow>, key: SecretKey): RingKey {
  return { id, purpose, organisation, key, created, active: state === 'active', uses: 0, stored: true }
}

/** A key that is in the ring, as its record shows it now. */
function markRing(ring: RingKey, { state }: Fields<KeyRecordRow>): RingKey {
  ring.active = state === 'active'
  ring.stored = true
  return ring
}

/** A root key from its bridge, for whoever has the other one. @throws SEAL_TAMPERED, KEY_UNKNOWN */
function openBridgeWith(under: SecretKey, rootId: string, sealed: Uint8Array): Secret<Uint8Array> {
  const bytes = open((id) => (id === under.id ? under : undefined), bridgeContext(rootId), sealed)
  const secret = new Secret<Uint8Array>(wipeableCopy(bytes))
  bytes.fill(0)
  if (rootKeyId(secret) !== rootId) throw new HeadgateError('SEAL_TAMPERED', { type: 'root key', id: rootId })
  return secret
}

/** What a new key is named by. */
export function newKeyId(): string {
  return randomBytes(KEY_ID_LENGTH).toString('hex')
}

/** The installation's own keys, for the first start. */
export function createInstallationKeys(keyring: Keyring, time: number): Fields<KeyRecordRow>[] {
  return installationPurposes.map((purpose) => keyring.create(purpose, INSTALLATION, time))
}

function recordOf(root: SecretKey, named: Named, bytes: Uint8Array, time: number): Fields<KeyRecordRow> {
  const { id, organisation, purpose } = named
  return { id, organisation, purpose, root: root.id, wrapped: seal(root, wrapContext(named), bytes), state: 'active', created_at: time }
}

/** The key that is used now, for each purpose of each organisation. Asked for with every row that is looked at. */
function currentKeys() {
  const byPurpose = new Map<KeyPurpose, Map<string, RingKey>>()
  return {
    of: (purpose: KeyPurpose, organisation: string): RingKey | undefined => byPurpose.get(purpose)?.get(organisation),
    use(ring: RingKey): void {
      let ofPurpose = byPurpose.get(ring.purpose)
      if (!ofPurpose) byPurpose.set(ring.purpose, (ofPurpose = new Map<string, RingKey>()))
      ofPurpose.set(ring.organisation, ring)
    },
    clear: (): void => byPurpose.clear(),
  }
}

function wrapContext({ id, organisation, purpose }: Named): SealContext {
  return { organisation, environment: '', type: `key:${purpose}`, id }
}

function bridgeContext(rootId: string): SealContext {
  return { organisation: INSTALLATION, environment: '', type: 'root:bridge', id: rootId }
}
