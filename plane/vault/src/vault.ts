import { randomBytes } from 'node:crypto'
import { KEY_LENGTH, checkpointSigner, emptyTree, equalBytes, frontierAt, openCheckpoint, rootOf } from '@headgate/crypto'
import { HeadgateError, type OrganisationId, type Row, Secret, type Write } from '@headgate/model'
import { type Database, type KeyRecordRow, type Protection, type Sequencer, type Snapshot, createStore, insert } from '@headgate/store'
import { type Anchor, createAnchor, readAnchor } from './anchor.ts'
import { createChangeWriter } from './change-writer.ts'
import { type KeySource } from './key-source.ts'
import { type Keyring, createInstallationKeys, createKeyring, rootKeyId } from './keyring.ts'
import { createLogSequencer } from './log-sequencer.ts'
import { loadTree, logSize, newestCheckpoint, storedSubtrees } from './log-tree.ts'
import { rowFits, rowKey, rowProtection } from './row-protection.ts'
import { type Sealing, sealingWith } from './sealing.ts'

/** Everything that takes keys, over one database: sealing, row MACs, token digests, the log's places and signatures. */
export interface Vault extends Sealing {
  readonly database: Database
  /** Where the root key is, in words: what the user has to back up. */
  readonly rootKeyPlace: string
  /** Whether this start made the keys. */
  readonly created: boolean
  /** What the log is called and signed as; `publicKey` checks its checkpoints. */
  readonly log: { readonly name: string; readonly publicKey: Uint8Array }
  readonly keyring: Keyring
  readonly protection: Protection
  readonly sequencer: Sequencer
  /** The checkpoint kept outside the data folder; undefined where the key source has no place for one. */
  readonly anchor: Anchor | undefined
  /** Where that checkpoint is, also while nothing is written to it. */
  readonly anchorFile: string | undefined
  /** What was found wrong while opening `for: 'inspection'`; empty otherwise, because then it throws. */
  readonly openingProblems: readonly HeadgateError[]
  /** The first data key of a new organisation, to be written by the Change that makes the organisation. */
  newOrganisation(id: OrganisationId, time: number): Write[]
  /** The newest signed checkpoint of what is durable. */
  checkpoint(): string | undefined
  /** The root key, for the back-up. */
  rootKey(): Secret<Uint8Array>
  /** Writes the kept checkpoint and forgets the keys. */
  close(): Promise<void>
}

export interface VaultOptions {
  readonly database: Database
  readonly keySource: KeySource
  /**
   * `work` (default) refuses a database that was rolled back or whose log or keys were changed. `inspection` opens it
   * all the same, as far as the keys go, so that `verify` can say what is wrong; nothing may be written then.
   */
  readonly for?: 'work' | 'inspection'
  readonly now?: () => number
}

/**
 * Opens the keyring of a database; at the first start it makes the root key and the keys below it.
 *
 * @throws KEY_MISSING, KEY_WRONG, KEY_EXPOSED, KEY_UNREADABLE; ROW_TAMPERED for a changed key record;
 *   DATA_ROLLED_BACK, LOG_DIVERGED where the log is not what was signed
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { database, keySource, for: purpose = 'work', now = Date.now } = options
  const records = (await database.write.all('select * from "key_records" order by "created_at", "id"')) as unknown as KeyRecordRow[]
  const first = records.length === 0
  const root = first ? await firstRootKey(database, keySource) : await knownRootKey(database, keySource, records)
  const keyring = createKeyring(root)
  const problems: HeadgateError[] = []
  if (!first) addRecords(keyring, records, purpose === 'inspection' ? problems : undefined)
  const fresh = first ? createInstallationKeys(keyring, now()) : []

  const vault = assemble({ ...options, now }, root, keyring, { created: first, problems })
  if (first) await writeFirstKeys(vault, fresh, now())
  return vault
}

/** A database without keys must be without records too: otherwise its keys were taken out, and new ones would hide it. */
async function firstRootKey(database: Database, keySource: KeySource): Promise<Secret<Uint8Array>> {
  const used = await database.write.all('select 1 as "one" from "audit" limit 1')
  if (used.length > 0) throw new HeadgateError('DATA_DAMAGED', { folder: database.folder, reason: 'its key records are gone' })
  const key = (await keySource.load(database.id)) ?? new Secret<Uint8Array>(randomBytes(KEY_LENGTH))
  await keySource.store(database.id, key)
  return key
}

async function knownRootKey(database: Database, keySource: KeySource, records: readonly KeyRecordRow[]): Promise<Secret<Uint8Array>> {
  const place = keySource.place(database.id)
  const key = await keySource.load(database.id)
  if (!key) throw new HeadgateError('KEY_MISSING', { place })
  const found = rootKeyId(key)
  if (!records.some((record) => record.root === found))
    throw new HeadgateError('KEY_WRONG', { place, found, wanted: records[0]?.root ?? '' })
  return key
}

/** @param problems where they are collected; without it the first is thrown */
function addRecords(keyring: Keyring, records: readonly KeyRecordRow[], problems: HeadgateError[] | undefined): void {
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      if (!problems || !(error instanceof HeadgateError)) throw error
      problems.push(error)
    }
  }
  for (const record of records) attempt(() => keyring.add(record))
  for (const record of records) {
    const row = record as unknown as Row
    if (!rowFits(keyring, 'key_records', row))
      attempt(() => {
        throw new HeadgateError('ROW_TAMPERED', { table: 'key_records', key: rowKey('key_records', row) })
      })
  }
}

function assemble(
  options: VaultOptions & { readonly now: () => number },
  root: Secret<Uint8Array>,
  keyring: Keyring,
  state: { readonly created: boolean; readonly problems: HeadgateError[] },
): Vault {
  const { database, keySource, now } = options
  const inspection = options.for === 'inspection'
  const name = `headgate/${database.id}`
  const signer = checkpointSigner(name, logSeed(keyring, inspection))
  const anchorFile = keySource.anchorFile(database.id)
  const anchor = anchorFile === undefined || inspection ? undefined : createAnchor(anchorFile)
  const protection = rowProtection(keyring)

  const snapshot = database.snapshot()
  let sequencer
  try {
    if (!inspection) checkLog(snapshot, database.folder, signer, anchorFile)
    const note = newestCheckpoint(snapshot)
    const tree = inspection ? emptyTree : loadTree(snapshot)
    sequencer = createLogSequencer({ tree, note, protection, signer, now, onSettled: (settled) => anchor?.keep(settled) })
  } finally {
    snapshot.close()
  }

  return {
    ...sealingWith(keyring),
    database,
    rootKeyPlace: keySource.place(database.id),
    created: state.created,
    log: { name, publicKey: signer.publicKey },
    keyring,
    protection,
    sequencer,
    anchor,
    anchorFile,
    openingProblems: state.problems,
    newOrganisation: (id, time) => [insert('key_records', keyring.create('seal', id, time))],
    checkpoint: () => sequencer.note(),
    rootKey: () => root,
    async close() {
      await anchor?.flush()
      keyring.close()
    },
  }
}

/** The stored log must be the one that was signed last, and must contain the one whose checkpoint was kept. */
function checkLog(
  snapshot: Snapshot,
  folder: string,
  signer: { readonly name: string; readonly publicKey: Uint8Array },
  anchorFile: string | undefined,
): void {
  const size = logSize(snapshot)
  const stored = newestCheckpoint(snapshot)
  if ((stored === undefined ? 0 : agreedSize(snapshot, signer, stored)) !== size)
    throw new HeadgateError('LOG_DIVERGED', { folder, place: 'the database' })
  const kept = anchorFile === undefined ? undefined : readAnchor(anchorFile)
  if (kept === undefined || anchorFile === undefined) return
  const known = agreedSize(snapshot, signer, kept)
  if (known === undefined) throw new HeadgateError('LOG_DIVERGED', { folder, place: anchorFile })
  if (known > size) throw new HeadgateError('DATA_ROLLED_BACK', { folder, found: size, kept: known, anchor: anchorFile })
}

/** The size a signed checkpoint states; undefined where it is not ours, or the records up to there give another root. */
function agreedSize(
  snapshot: Snapshot,
  signer: { readonly name: string; readonly publicKey: Uint8Array },
  note: string,
): number | undefined {
  const size = logSize(snapshot)
  const checkpoint = openCheckpoint(note, signer.name, signer.publicKey)
  if (!checkpoint || checkpoint.size > size) return checkpoint?.size
  try {
    const { peaks } = frontierAt(checkpoint.size, storedSubtrees(snapshot, size))
    return equalBytes(rootOf({ size: checkpoint.size, peaks }), checkpoint.root) ? checkpoint.size : undefined
  } catch (error) {
    // Records or tiles it needs are not there.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** An inspection goes on without the log's key where that is damaged; no checkpoint passes then. */
function logSeed(keyring: Keyring, inspection: boolean): Uint8Array {
  try {
    return keyring.logSeed()
  } catch (error) {
    if (inspection && error instanceof HeadgateError) return randomBytes(KEY_LENGTH)
    throw error
  }
}

/** The keys' first records go through the same writer as everything else: MACs, and a record in the log. */
async function writeFirstKeys(vault: Vault, keys: ReturnType<typeof createInstallationKeys>, time: number): Promise<void> {
  const store = createStore(vault.database, { protection: vault.protection, sequencer: vault.sequencer })
  const result = await createChangeWriter(store, vault).commit({
    expect: [],
    writes: keys.map((key) => insert('key_records', key)),
    audit: {
      time,
      organisation: null,
      actor: null,
      actorName: 'headgate',
      action: 'keyring.create',
      resource: 'organisation:',
      outcome: 'ok',
      details: { rootKey: vault.keyring.rootId },
    },
  })
  await store.close()
  if (!result.ok) throw new HeadgateError('DATA_DAMAGED', { folder: vault.database.folder, reason: result.problem.message })
}
