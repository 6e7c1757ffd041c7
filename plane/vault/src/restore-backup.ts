import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KEY_LENGTH } from '@headgate/crypto'
import { HeadgateError, Secret } from '@headgate/model'
import { DATABASE_FILE } from '@headgate/store'
import { Decrypter } from 'age-encryption'
import { createAnchor } from './anchor.ts'
import { type ArchiveEntry, damaged, hashing, readArchive } from './backup-archive.ts'
import { keyFileSource, syncFolder } from './key-file.ts'
import { type KeySource, givenKeySource } from './key-source.ts'
import { openSealedStore } from './sealed-store.ts'
import { type VerifyReport, verifyAudit } from './verify/verify-audit.ts'
import { BACKUP_FORMAT, type BackupManifest, FILES_PREFIX, MANIFEST_ENTRY, ROOT_KEY_ENTRY } from './write-backup.ts'

/** What opens a back-up: age identities (`AGE-SECRET-KEY-…`), or the passphrase. */
export type BackupUnlock = { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }

export interface RestoreOptions {
  readonly from: ReadableStream<Uint8Array>
  readonly unlock: BackupUnlock
  /** Empty or not there. */
  readonly folder: string
  /** Where the root key goes. Default: a key file outside the data folder. */
  readonly keySource?: KeySource
  readonly now?: () => number
}

export interface RestoreReport {
  readonly manifest: BackupManifest
  readonly verified: VerifyReport
  /** Where the root key was put. */
  readonly rootKeyPlace: string
}

/**
 * Restores a back-up into an empty folder.
 *
 * Everything is unpacked beside the folder and verified there: each entry's hash, then the log, every row and every
 * revision, as `audit verify` does. Only then the key is stored and the folder takes its place by one rename; before
 * that a failure leaves nothing behind. The restored log goes on with a record of the restore.
 *
 * @throws RESTORE_NOT_EMPTY, BACKUP_LOCKED, BACKUP_DAMAGED, BACKUP_NEWER, RESTORE_REFUSED, KEY_EXISTS
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { from, unlock, keySource = keyFileSource(), now = Date.now } = options
  const folder = resolve(options.folder)
  await refuseUsed(folder)
  await mkdir(dirname(folder), { recursive: true })
  const staging = await mkdtemp(join(dirname(folder), `.${basename(folder)}-restoring-`))
  try {
    const { manifest, rootKey } = await unpack(await decrypt(from, unlock), staging)
    const verified = await verifyStaged(staging, rootKey, manifest)
    const note = await recordRestore(staging, rootKey, manifest, now())
    await keySource.store(manifest.folderId, rootKey)
    await replaceAnchor(keySource.anchorFile(manifest.folderId), note)
    await syncFolder(staging)
    await refuseUsed(folder)
    if (existsSync(folder)) await rmdir(folder)
    await rename(staging, folder)
    await syncFolder(dirname(folder))
    return { manifest, verified, rootKeyPlace: keySource.place(manifest.folderId) }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw error
  }
}

async function refuseUsed(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new HeadgateError('RESTORE_NOT_EMPTY', { folder }, { cause: error })
  })
  if (entries.length > 0) throw new HeadgateError('RESTORE_NOT_EMPTY', { folder })
}

async function decrypt(from: ReadableStream<Uint8Array>, unlock: BackupUnlock): Promise<ReadableStream<Uint8Array>> {
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
      if (entry.name === ROOT_KEY_ENTRY) rootKey = new Secret(new Uint8Array(await collect(content)))
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
    if (!report.ok) {
      const count = report.found === 1 ? '1 finding' : `${report.found} findings`
      throw new HeadgateError('RESTORE_REFUSED', { count, first: report.findings[0]?.message ?? '' })
    }
    return report
  } finally {
    await sealed.close()
  }
}

/** The restored log says that it was restored. Answers its newest checkpoint. */
async function recordRestore(
  staging: string,
  rootKey: Secret<Uint8Array>,
  manifest: BackupManifest,
  time: number,
): Promise<string | undefined> {
  const sealed = await openSealedStore({ folder: staging, keySource: givenKeySource(rootKey), create: false, now: () => time })
  try {
    const result = await sealed.changes.commit({
      expect: [],
      writes: [],
      audit: {
        time,
        organisation: null,
        actor: null,
        actorName: 'headgate',
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

/** The checkpoint that was kept for the lost database is ahead of the restored one; this restore is meant to go back. */
async function replaceAnchor(file: string | undefined, note: string | undefined): Promise<void> {
  if (file === undefined || note === undefined) return
  const anchor = createAnchor(file)
  anchor.keep(note)
  await anchor.flush()
  const reason = anchor.problem()
  if (reason !== undefined) throw new HeadgateError('KEY_UNREADABLE', { place: file, reason })
}
