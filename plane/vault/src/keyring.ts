import { randomBytes } from 'node:crypto'
import { KEY_ID_LENGTH, KEY_LENGTH, type SecretKey, CanonicalEncoder, open, seal, secretKey, sha256 } from '@headgate/crypto'
import { HeadgateError, type OrganisationId, type Secret } from '@headgate/model'
import type { Fields, KeyPurpose, KeyRecordRow } from '@headgate/store'

/** The organisation that stands for the whole installation in a key record. */
export const INSTALLATION = ''

/** What the keys of the installation are for; each of these exists from the first start. */
const installationPurposes: readonly KeyPurpose[] = ['mac', 'handle', 'token', 'log', 'seal']

/** A key of the ring as it is known while the plane runs. */
interface Ring {
  readonly purpose: KeyPurpose
  readonly organisation: string
  readonly key: SecretKey
  active: boolean
}

/**
 * Every key of an installation, unwrapped: root key → data keys. Which of them a new value is sealed with, and where
 * the key of an old one is found.
 */
export interface Keyring {
  readonly rootId: string
  /** The key to use now. @throws KEY_UNKNOWN where the organisation has none */
  active(purpose: KeyPurpose, organisation?: string): SecretKey
  /** Any key by its id, retired ones too, where it is for this purpose. */
  find(purpose: KeyPurpose, id: string): SecretKey | undefined
  /** Takes in a key record; its MAC is the caller's to check. @throws SEAL_TAMPERED, KEY_UNKNOWN (another root key) */
  add(record: Fields<KeyRecordRow>): void
  /** A new key, in the ring and wrapped as a record that must be committed before anything is sealed with it. */
  create(purpose: KeyPurpose, organisation: OrganisationId | '', time: number): Fields<KeyRecordRow>
  /** The seed of the log's signing key, which is used as bytes. */
  logSeed(): Uint8Array
  /** Forgets every key. Nothing can be opened or sealed any more. */
  close(): void
}

/** The public name of a root key, so that a wrong key is told from a damaged database. */
export function rootKeyId(root: Secret<Uint8Array>): string {
  const encoded = new CanonicalEncoder('headgate root key id 1').fixed(root.reveal()).end()
  const id = Buffer.from(sha256(encoded).subarray(0, KEY_ID_LENGTH)).toString('hex')
  encoded.fill(0)
  return id
}

export function createKeyring(root: Secret<Uint8Array>): Keyring {
  const rootId = rootKeyId(root)
  const rootKey = secretKey(rootId, new Uint8Array(root.reveal()))
  const keys = new Map<string, Ring>()
  const current = new Map<string, Ring>()

  const put = (record: Fields<KeyRecordRow>, bytes: Uint8Array) => {
    const ring = {
      purpose: record.purpose,
      organisation: record.organisation,
      key: secretKey(record.id, bytes),
      active: record.state === 'active',
    }
    keys.set(record.id, ring)
    if (ring.active) current.set(slot(record.purpose, record.organisation), ring)
  }

  const active = (purpose: KeyPurpose, organisation: string = INSTALLATION): SecretKey => {
    const ring = current.get(slot(purpose, organisation))
    if (!ring) throw new HeadgateError('KEY_UNKNOWN', { type: purpose, id: organisation, key: 'current' })
    return ring.key
  }

  return {
    rootId,
    active,
    find(purpose, id) {
      const ring = keys.get(id)
      return ring?.purpose === purpose ? ring.key : undefined
    },
    add(record) {
      put(
        record,
        open((id) => (id === rootId ? rootKey : undefined), wrapContext(record), record.wrapped),
      )
    },
    create(purpose, organisation, time) {
      const bytes = randomBytes(KEY_LENGTH)
      const named = { id: randomBytes(KEY_ID_LENGTH).toString('hex'), organisation, purpose }
      const wrapped = seal(rootKey, wrapContext(named), bytes)
      const record: Fields<KeyRecordRow> = { ...named, root: rootId, wrapped, state: 'active', created_at: time }
      put(record, bytes)
      return record
    },
    logSeed: () => active('log').secret.export(),
    close() {
      keys.clear()
      current.clear()
    },
  }
}

/** The installation's own keys, for the first start. */
export function createInstallationKeys(keyring: Keyring, time: number): Fields<KeyRecordRow>[] {
  return installationPurposes.map((purpose) => keyring.create(purpose, INSTALLATION, time))
}

function slot(purpose: KeyPurpose, organisation: string): string {
  return `${purpose} ${organisation}`
}

function wrapContext(record: { readonly id: string; readonly organisation: string; readonly purpose: KeyPurpose }) {
  return { organisation: record.organisation, environment: '', type: `key:${record.purpose}`, id: record.id }
}
