import { randomBytes } from 'node:crypto'
import {
  type CheckpointSigner,
  KEY_LENGTH,
  checkpointSigner,
  emptyTree,
  equalBytes,
  frontierAt,
  openCheckpoint,
  rootOf,
} from '@headgate/crypto'
import { PLANE_ACTOR, HeadgateError, type OrganisationId, type Row, type Secret, type Write } from '@headgate/model'
import { type Database, type Protection, type Sequencer, type Snapshot, createStore, insert } from '@headgate/store'
import { type Anchor, createAnchor, readAnchor } from './anchor.ts'
import { createChangeWriter } from './change-writer.ts'
import { noteFolder } from './folder-note.ts'
import { type KeySource } from './key-sources/key-source.ts'
import { type Keyring, createInstallationKeys } from './keyring.ts'
import { type LogSequencer, type SequencerOptions, createLogSequencer } from './log-sequencer.ts'
import { loadTree, logSize, newestCheckpoint, withStoredSubtrees } from './log-tree.ts'
import { type StoredKeys, firstRootKey, knownRootKey, readStoredKeys } from './open-root-key.ts'
import { readSnapshot } from './read-snapshot.ts'
import { restoreUses } from './rotation/roll-data-keys.ts'
import { concernsKeys, keyRefresher } from './refresh-keys.ts'
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
  readonly keySource: KeySource
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
  const stored = await readStoredKeys(database)
  const first = stored.records.length === 0
  const { keyring, writes } = first
    ? await firstRootKey(database, keySource, stored)
    : { keyring: await knownRootKey(database, keySource, stored), writes: [] }
  const problems: HeadgateError[] = []
  if (!first) addRecords(keyring, stored, purpose === 'inspection' ? problems : undefined)
  restoreUses(keyring, stored.uses)
  const fresh = first ? createInstallationKeys(keyring, now()) : []

  const vault = await assemble({ ...options, now }, keyring, { created: first, problems })
  if (first) await writeFirstKeys(vault, [...fresh.map((key) => insert('key_records', key)), ...writes], now())
  return vault
}

/** @param problems where they are collected; without it the first is thrown */
function addRecords(keyring: Keyring, { records, rotation }: StoredKeys, problems: HeadgateError[] | undefined): void {
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      if (!problems || !(error instanceof HeadgateError)) throw error
      problems.push(error)
    }
  }
  for (const record of records) attempt(() => keyring.add(record))
  const check = (table: 'key_records' | 'key_rotations', row: Row) => {
    if (!rowFits(keyring, table, row)) throw new HeadgateError('ROW_TAMPERED', { table, key: rowKey(table, row) })
  }
  for (const record of records) attempt(() => check('key_records', record as unknown as Row))
  if (rotation) attempt(() => check('key_rotations', rotation as unknown as Row))
}

async function assemble(
  options: VaultOptions & { readonly now: () => number },
  keyring: Keyring,
  state: { readonly created: boolean; readonly problems: HeadgateError[] },
): Promise<Vault> {
  const { database, keySource, now } = options
  const inspection = options.for === 'inspection'
  const name = `headgate/${database.id}`
  const signer = logSigner(keyring, name, inspection)
  const anchorFile = keySource.anchorFile(database.id)
  const anchor = anchorFile === undefined || inspection ? undefined : createAnchor(anchorFile)
  const refreshKeys = database.shared ? keyRefresher(database, keyring) : undefined
  const protection = rowProtection(keyring, refreshKeys)

  const onSettled = (settled: string) => anchor?.keep(settled)
  const log = { signer, now, protection, onSettled, ...(refreshKeys ? { refreshKeys } : {}) }
  const sequencer = await openLog(database, log, { inspection, anchorFile })
  if (anchor && database.folder !== '') await noteFolder(anchor.file, database.folder)

  // A refresh that fails here is made up for by the next row that names a key it would have brought.
  const stopFollowing = database.onForeignCommit(({ tables }) => {
    if (refreshKeys && concernsKeys(tables)) refreshKeys().catch(() => undefined)
  })

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
    rootKey: () => keyring.root(),
    keySource,
    async close() {
      stopFollowing()
      await anchor?.flush()
      keyring.close()
      signer.close()
      keySource.close()
    },
  }
}

/** Takes up the log where it ends; for work it must be the one that was signed, and contain the one that was kept. */
async function openLog(
  database: Database,
  options: Omit<SequencerOptions, 'tree' | 'note' | 'place'>,
  { inspection, anchorFile }: { readonly inspection: boolean; readonly anchorFile: string | undefined },
): Promise<LogSequencer> {
  const { place } = database
  const snapshot = await readSnapshot(database)
  try {
    if (!inspection) await checkLog(snapshot, place, options.signer, anchorFile)
    const note = await newestCheckpoint(snapshot)
    const tree = inspection ? emptyTree : await loadTree(snapshot)
    return createLogSequencer({ ...options, tree, note, place })
  } finally {
    await snapshot.close()
  }
}

function logSigner(keyring: Keyring, name: string, inspection: boolean): CheckpointSigner {
  const seed = logSeed(keyring, inspection)
  const signer = checkpointSigner(name, seed)
  seed.fill(0)
  return signer
}

/** The stored log must be the one that was signed last, and must contain the one whose checkpoint was kept. */
async function checkLog(
  snapshot: Snapshot,
  folder: string,
  signer: { readonly name: string; readonly publicKey: Uint8Array },
  anchorFile: string | undefined,
): Promise<void> {
  const size = await logSize(snapshot)
  const stored = await newestCheckpoint(snapshot)
  if ((stored === undefined ? 0 : await agreedSize(snapshot, signer, stored)) !== size)
    throw new HeadgateError('LOG_DIVERGED', { folder, place: 'the database' })
  const kept = anchorFile === undefined ? undefined : readAnchor(anchorFile)
  if (kept === undefined || anchorFile === undefined) return
  const known = await agreedSize(snapshot, signer, kept)
  if (known === undefined) throw new HeadgateError('LOG_DIVERGED', { folder, place: anchorFile })
  if (known > size) throw new HeadgateError('DATA_ROLLED_BACK', { folder, found: size, kept: known, anchor: anchorFile })
}

/** The size a signed checkpoint states; undefined where it is not ours, or the records up to there give another root. */
async function agreedSize(
  snapshot: Snapshot,
  signer: { readonly name: string; readonly publicKey: Uint8Array },
  note: string,
): Promise<number | undefined> {
  const size = await logSize(snapshot)
  const checkpoint = openCheckpoint(note, signer.name, signer.publicKey)
  if (!checkpoint || checkpoint.size > size) return checkpoint?.size
  try {
    const { peaks } = await withStoredSubtrees(snapshot, size, (subtrees) => frontierAt(checkpoint.size, subtrees))
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
async function writeFirstKeys(vault: Vault, writes: readonly Write[], time: number): Promise<void> {
  const store = createStore(vault.database, { protection: vault.protection, sequencer: vault.sequencer })
  const result = await createChangeWriter(store, vault).commit({
    expect: [],
    writes,
    audit: {
      time,
      organisation: null,
      ...PLANE_ACTOR,
      action: 'keyring.create',
      resource: 'organisation:',
      outcome: 'ok',
      details: { rootKey: vault.keyring.rootId(), source: vault.keySource.kind },
    },
  })
  await store.close()
  if (!result.ok) throw new HeadgateError('DATA_DAMAGED', { folder: vault.database.place, reason: result.problem.message })
}
