import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '@headgate/model'
import { DATABASE_FILE, TEMPORARY_FOLDER, type Database, type Snapshot, openSnapshot } from '@headgate/store'
import type { Encrypter } from 'age-encryption'
import { type ArchiveEntry, hashing, writeArchive } from './backup-archive.ts'
import { logSize, newestCheckpoint } from './log-tree.ts'
import type { Vault } from './vault.ts'
import { protectedTables } from './verify/verify-rows.ts'

export const BACKUP_FORMAT = 1
export const MANIFEST_ENTRY = 'manifest.json'
export const ROOT_KEY_ENTRY = 'root.key'
/** Files that are no part of the database stand below this name, by their path in the data folder. */
export const FILES_PREFIX = 'files/'

/** A file of a data folder: its path in it, and where it is. */
export interface DataFile {
  readonly name: string
  readonly file: string
}

/** What a back-up says of itself; its first entry. */
export interface BackupManifest {
  readonly format: number
  /** Milliseconds since 1970. */
  readonly created: number
  readonly folderId: string
  readonly organisations: readonly string[]
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>
  /** Records in the log, and the signed checkpoint they are held against at restore. */
  readonly size: number
  readonly checkpoint: string
  /** Every other entry, in order. */
  readonly entries: readonly { readonly name: string; readonly size: number; readonly sha256: string }[]
}

/**
 * Who can open the back-up: holders of an age identity, or of a passphrase. `workFactor` is the base-2 logarithm of
 * what trying one passphrase costs; age's own 18 (about a second) unless a test cannot wait.
 */
export type BackupLock = { readonly recipients: readonly string[] } | { readonly passphrase: Secret; readonly workFactor?: number }

export interface BackupOptions {
  readonly database: Database
  readonly vault: Vault
  readonly to: WritableStream<Uint8Array>
  readonly lock: BackupLock
  /**
   * More files to take along: their path inside the data folder, and where they are. Names as of `isEntryName`. Asked for
   * once the database is copied, so that what its rows speak of is among them.
   */
  readonly files?: () => Promise<readonly DataFile[]>
  readonly now?: () => number
}

/**
 * Writes one consistent state of everything, root key included, as one age-encrypted stream. The plane goes on
 * working; in the data folder there is for a while a second copy of the sealed database, and nothing unsealed is on
 * disk at any time. The caller commits the audit record before.
 */
export async function writeBackup(options: BackupOptions): Promise<BackupManifest> {
  const { database, vault, to, lock, files = async () => [], now = Date.now } = options
  const folder = join(database.folder, TEMPORARY_FOLDER, randomUUID())
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const copy = join(folder, DATABASE_FILE)
    await database.copyTo(copy)
    const held = await holdFiles(join(folder, 'files'), await files())
    const rootKey = vault.rootKey().reveal()
    const sources: Source[] = [
      { name: DATABASE_FILE, content: () => createReadStream(copy), size: (await stat(copy)).size },
      { name: ROOT_KEY_ENTRY, content: () => once(rootKey), size: rootKey.length },
      ...(await Promise.all(
        held.map(async ({ name, file }) => ({
          name: `${FILES_PREFIX}${name}`,
          content: () => createReadStream(file),
          size: (await stat(file)).size,
        })),
      )),
    ]
    const manifest = await describe(copy, database.id, sources, now())
    const encrypted = await (await encrypterOf(lock)).encrypt(ReadableStream.from(writeArchive(entriesOf(manifest, sources))))
    await encrypted.pipeTo(to)
    return manifest
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A second name for each, so that what is removed meanwhile is read to its end all the same. One that is gone already is no part of it. */
async function holdFiles(folder: string, files: readonly DataFile[]): Promise<DataFile[]> {
  await mkdir(folder, { mode: 0o700 })
  const held: DataFile[] = []
  for (const { name, file } of files) {
    const second = join(folder, String(held.length))
    try {
      await link(file, second)
      held.push({ name, file: second })
    } catch (error) {
      // Not every file system has second names; there the file is read where it is.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') held.push({ name, file })
    }
  }
  return held
}

interface Source {
  readonly name: string
  readonly size: number
  readonly content: () => AsyncIterable<Uint8Array>
}

async function describe(copy: string, folderId: string, sources: readonly Source[], created: number): Promise<BackupManifest> {
  const entries: { name: string; size: number; sha256: string }[] = []
  for (const { name, size, content } of sources) {
    let sha256 = ''
    for await (const _ of hashing(content(), (digest) => (sha256 = digest)));
    entries.push({ name, size, sha256 })
  }
  const snapshot = openSnapshot(copy)
  try {
    return {
      format: BACKUP_FORMAT,
      created,
      folderId,
      organisations: (await snapshot.all('select "name" from "organisations" order by "name"')).map((row) => String(row['name'])),
      rows: await countRows(snapshot),
      size: await logSize(snapshot),
      checkpoint: (await newestCheckpoint(snapshot)) ?? '',
      entries,
    }
  } finally {
    await snapshot.close()
  }
}

async function countRows(snapshot: Snapshot): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of protectedTables())
    counts[table] = Number((await snapshot.all(`select count(*) as "count" from "${table}"`))[0]?.['count'])
  return counts
}

function* entriesOf(manifest: BackupManifest, sources: readonly Source[]): Generator<ArchiveEntry> {
  const first = Buffer.from(JSON.stringify(manifest))
  yield { name: MANIFEST_ENTRY, size: first.length, content: once(first) }
  for (const { name, size, content } of sources) yield { name, size, content: content() }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** age's own recipients, of today's curve (`age1…`) or with a post-quantum one (`age1pq1…`); those of plug-ins are not known here. */
const RECIPIENT = /^age1(?:[02-9ac-hj-np-z]{58}|pq1[02-9ac-hj-np-z]+)$/

/** The first of these that is no recipient, or has a mistake in it; undefined where a back-up can be made for all. */
export async function wrongRecipient(recipients: readonly string[]): Promise<string | undefined> {
  const { Encrypter } = await import('age-encryption')
  return recipients.find((recipient) => {
    if (!RECIPIENT.test(recipient)) return true
    try {
      new Encrypter().addRecipient(recipient)
      return false
    } catch {
      return true
    }
  })
}

async function encrypterOf(lock: BackupLock): Promise<Encrypter> {
  // Curves and ciphers in JavaScript, for which no plane should wait that writes no back-up.
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  if ('passphrase' in lock) {
    encrypter.setPassphrase(lock.passphrase.reveal())
    if (lock.workFactor !== undefined) encrypter.setScryptWorkFactor(lock.workFactor)
  } else for (const recipient of lock.recipients) encrypter.addRecipient(recipient)
  return encrypter
}
