import { createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KEY_LENGTH, wipeableCopy } from '@headgate/crypto'
import { PLANE_ACTOR, HeadgateError, Secret, type Write } from '@headgate/model'
import { DATABASE_FILE, type Snapshot, loadDatabase, refuseUsedDatabase } from '@headgate/store'
import { createAnchor, readAnchor } from './anchor.ts'
import { type ArchiveEntry, damaged, hashing, readArchive } from './backup-archive.ts'
import { noteFolder, notedFolder } from './folder-note.ts'
import { keyFileSource, requireApart, syncFolder } from './key-sources/key-file.ts'
import { type KeySource, givenKeySource } from './key-sources/key-source.ts'
import { type RootEnvelope, envelopeSetting } from './key-sources/root-envelope.ts'
import { envelopeWrite } from './open-root-key.ts'
import { type SealedStore, openSealedStore } from './sealed-store.ts'
import { type VerifyReport, verifyAudit } from './verify/verify-audit.ts'
import { BACKUP_FORMAT, type BackupManifest, FILES_PREFIX, MANIFEST_ENTRY, ROOT_KEY_ENTRY } from './write-backup.ts'

/** What opens a back-up: age identities (`AGE-SECRET-KEY-…`), or the passphrase. */
export type BackupUnlock = { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }

export interface RestoreOptions {
  readonly from: ReadableStream<Uint8Array>
  readonly unlock: BackupUnlock
  /** Empty or not there. */
  readonly folder: string
  /** An empty PostgreSQL database that takes the rows. Default: a SQLite file in the folder. */
  readonly address?: Secret
  /** Where the root key goes. Default: a key file outside the data folder. */
  readonly keySource?: KeySource
  /** Takes the kept checkpoint over although the data folder it is kept for is still there: that plane is started no more. */
  readonly takeOver?: boolean
  readonly now?: () => number
}

export interface RestoreReport {
  readonly manifest: BackupManifest
  readonly verified: VerifyReport
  /** Where the root key was put. */
  readonly rootKeyPlace: string
  /** Whether a checkpoint was kept there already: a plane it was kept for is refused as rolled back from now on. */
  readonly tookOver: boolean
}

/**
 * Restores a back-up into an empty folder, and an empty PostgreSQL database where one is named.
 *
 * Everything is unpacked beside the folder and verified there: each entry's hash, then the log, every row and every
 * revision, as `audit verify` does. Only then the key is stored and the folder takes its place by one rename; before
 * that a failure leaves nothing behind. A PostgreSQL database is filled from the verified file in one transaction, and
 * verified once more as it stands there before that is committed. The restored log goes on with a record of the restore.
 *
 * @throws RESTORE_NOT_EMPTY, RESTORE_BESIDE, BACKUP_LOCKED, BACKUP_DAMAGED, BACKUP_NEWER, RESTORE_REFUSED, KEY_EXISTS
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { from, unlock, keySource = keyFileSource(), now = Date.now } = options
  const folder = resolve(options.folder)
  await refuseUsed(folder)
  if (options.address) await refuseUsedDatabase(options.address)
  await mkdir(dirname(folder), { recursive: true })
  const staging = await mkdtemp(join(dirname(folder), `.${basename(folder)}-restoring-`))
  try {
    const { manifest, rootKey } = await unpack(await decrypt(from, unlock), staging)
    requireApart(keySource, manifest.folderId, folder)
    const anchorFile = keySource.anchorFile(manifest.folderId)
    if (!options.takeOver) await refuseBeside(anchorFile, manifest.folderId)
    const verified = await verifyStaged(staging, rootKey, manifest)
    const envelope = await keySource.wrap(manifest.folderId, rootKey)
    const note = await recordRestore({ staging, rootKey, manifest, envelope, time: now() })
    const tookOver = anchorFile !== undefined && readAnchor(anchorFile) !== undefined
    const takePlace = async () => {
      await keySource.store(manifest.folderId, rootKey)
      await replaceAnchor(anchorFile, note, folder)
      await syncFolder(staging)
      await refuseUsed(folder)
      if (existsSync(folder)) await rmdir(folder)
      await rename(staging, folder)
      await syncFolder(dirname(folder))
    }
    if (options.address) await fillDatabase({ address: options.address, staging, folder, rootKey, takePlace })
    else await takePlace()
    return { manifest, verified, rootKeyPlace: keySource.place(manifest.folderId), tookOver }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw error
  }
}

interface Filling {
  readonly address: Secret
  readonly staging: string
  readonly folder: string
  readonly rootKey: Secret<Uint8Array>
  /** Puts everything else where it belongs. */
  readonly takePlace: () => Promise<void>
}

/** Moves the staged rows into a PostgreSQL database; its commit comes last, when all else is in place. */
async function fillDatabase({ address, staging, folder, rootKey, takePlace }: Filling): Promise<void> {
  // Out of the staged folder, which becomes a data folder that holds no database of its own.
  const file = `${staging}.db`
  await rename(join(staging, DATABASE_FILE), file)
  for (const beside of ['-wal', '-shm']) await rm(join(staging, `${DATABASE_FILE}${beside}`), { force: true })
  let placed = false
  const check = async (loaded: Snapshot) => {
    const checking = await mkdtemp(`${staging}-checking-`)
    try {
      await copyFile(file, join(checking, DATABASE_FILE))
      const sealed = await openSealedStore({ folder: checking, keySource: givenKeySource(rootKey), create: false, for: 'inspection' })
      try {
        const report = await verifyAudit({ database: { ...sealed.database, snapshot: async () => loaded }, vault: sealed.vault })
        if (!report.ok) throw refusedBy(report)
      } finally {
        await sealed.close()
      }
    } finally {
      await rm(checking, { recursive: true, force: true })
    }
    await takePlace()
    placed = true
  }
  try {
    await loadDatabase({ address, file, check })
  } catch (error) {
    if (placed) await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    for (const each of [file, `${file}-wal`, `${file}-shm`]) await rm(each, { force: true })
  }
}

function refusedBy(report: VerifyReport): HeadgateError {
  const count = report.found === 1 ? '1 finding' : `${report.found} findings`
  return new HeadgateError('RESTORE_REFUSED', { count, first: report.findings[0]?.message ?? '' })
}

async function refuseUsed(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new HeadgateError('RESTORE_NOT_EMPTY', { folder }, { cause: error })
  })
  if (entries.length > 0) throw new HeadgateError('RESTORE_NOT_EMPTY', { folder })
}

/** A plane whose kept checkpoint goes back with the back-up would be refused at its next start: its operator decides that. */
async function refuseBeside(anchorFile: string | undefined, folderId: string): Promise<void> {
  const folder = anchorFile === undefined ? undefined : await notedFolder(anchorFile, folderId)
  if (folder !== undefined) throw new HeadgateError('RESTORE_BESIDE', { folder })
}

async function decrypt(from: ReadableStream<Uint8Array>, unlock: BackupUnlock): Promise<ReadableStream<Uint8Array>> {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  try {
    if ('passphrase' in unlock) decrypter.addPassphrase(unlock.passphrase.reveal())
    else for (const identity of unlock.identities) decrypter.addIdentity(identity.reveal())
    return await decrypter.decrypt(from)
  } catch (error) {
    throw new HeadgateError('BACKUP_LOCKED', { reason: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
}

interface Unpacked {
  readonly manifest: BackupManifest
  readonly rootKey: Secret<Uint8Array>
}

async function unpack(archive: ReadableStream<Uint8Array>, staging: string): Promise<Unpacked> {
  let manifest: BackupManifest | undefined
  let rootKey: Secret<Uint8Array> | undefined
  let position = 0
  try {
    for await (const entry of readArchive(archive)) {
      if (!manifest) {
        manifest = await readManifest(entry)
        continue
      }
      const expected = manifest.entries[position]
      if (expected?.name !== entry.name || expected.size !== entry.size) throw damaged(`${entry.name} is not what its manifest lists`)
      position += 1
      let sha256 = ''
      const content = hashing(entry.content, (digest) => (sha256 = digest))
      if (entry.name === ROOT_KEY_ENTRY) rootKey = new Secret<Uint8Array>(wipeableCopy(await collect(content)))
      else await writeFileOf(join(staging, placeOf(entry.name)), content)
      if (sha256 !== expected.sha256) throw damaged(`${entry.name} is not what its manifest lists`)
    }
  } catch (error) {
    // age finds changed and cut streams itself, and says so in its own words.
    if (error instanceof HeadgateError) throw error
    throw new HeadgateError('BACKUP_DAMAGED', { reason: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
  if (!manifest || position !== manifest.entries.length) throw damaged('entries are missing')
  if (rootKey?.reveal().length !== KEY_LENGTH) throw damaged('it has no root key')
  return { manifest, rootKey }
}

/** Where an entry goes in the data folder. Names were checked when the archive was read: they lead nowhere else. */
function placeOf(name: string): string {
  if (name === DATABASE_FILE) return name
  if (name.startsWith(FILES_PREFIX)) return name.slice(FILES_PREFIX.length)
  throw damaged(`it has an entry ${name}, which is not known`)
}

async function readManifest(entry: ArchiveEntry): Promise<BackupManifest> {
  if (entry.name !== MANIFEST_ENTRY) throw damaged('it does not begin with its manifest')
  let manifest: BackupManifest
  try {
    manifest = JSON.parse((await collect(entry.content)).toString('utf8')) as BackupManifest
  } catch (error) {
    throw new HeadgateError('BACKUP_DAMAGED', { reason: 'its manifest cannot be read' }, { cause: error })
  }
  if (manifest.format > BACKUP_FORMAT) throw new HeadgateError('BACKUP_NEWER', { found: manifest.format, known: BACKUP_FORMAT })
  if (manifest.format !== BACKUP_FORMAT || !Array.isArray(manifest.entries) || typeof manifest.checkpoint !== 'string')
    throw damaged('its manifest cannot be read')
  return manifest
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function writeFileOf(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await pipeline(Readable.from(content), createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }))
}

async function verifyStaged(staging: string, rootKey: Secret<Uint8Array>, manifest: BackupManifest): Promise<VerifyReport> {
  const sealed = await openSealedStore({ folder: staging, keySource: givenKeySource(rootKey), create: false, for: 'inspection' })
  try {
    if (sealed.database.id !== manifest.folderId) throw damaged('it is of another data folder than its manifest says')
    const { database, vault } = sealed
    const report = await verifyAudit({ database, vault, checkpoint: manifest.checkpoint })
    if (!report.ok) throw refusedBy(report)
    return report
  } finally {
    await sealed.close()
  }
}

interface Recording extends Unpacked {
  readonly staging: string
  /** The root key as the database keeps it for its source; undefined where the source keeps it itself. */
  readonly envelope: RootEnvelope | undefined
  readonly time: number
}

/** The restored log says that it was restored. Answers its newest checkpoint. */
async function recordRestore({ staging, rootKey, manifest, envelope, time }: Recording): Promise<string | undefined> {
  const sealed = await openSealedStore({ folder: staging, keySource: givenKeySource(rootKey), create: false, now: () => time })
  try {
    const result = await sealed.changes.commit({
      expect: [],
      writes: await envelopeWrites(sealed, envelope),
      audit: {
        time,
        organisation: null,
        ...PLANE_ACTOR,
        action: 'backup.restore',
        resource: 'organisation:',
        outcome: 'ok',
        details: { backupOf: manifest.created, records: manifest.size },
      },
    })
    if (!result.ok) throw damaged(result.problem.message)
    return sealed.vault.checkpoint()
  } finally {
    await sealed.close()
  }
}

/** What the source of the root key wants kept here; what another source had left is of no use, and opens too much. */
async function envelopeWrites({ vault, store }: SealedStore, envelope: RootEnvelope | undefined): Promise<Write[]> {
  if (envelope) return [envelopeWrite(envelope)]
  const name = envelopeSetting(vault.keyring.rootId())
  const value = await store.settings.get(name)
  return value === undefined ? [] : [{ op: 'delete', table: 'settings', row: { name, value } }]
}

/** The checkpoint that was kept for the lost database is ahead of the restored one; this restore is meant to go back. */
async function replaceAnchor(file: string | undefined, note: string | undefined, folder: string): Promise<void> {
  if (file === undefined || note === undefined) return
  const anchor = createAnchor(file)
  anchor.keep(note)
  await anchor.flush()
  const reason = anchor.problem()
  if (reason !== undefined) throw new HeadgateError('KEY_UNREADABLE', { place: file, reason })
  await noteFolder(file, folder)
}
