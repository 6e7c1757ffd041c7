import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type Result, ok, refuse } from '@headgate/model'
import { type ArtifactManifest, canonicalJson, manifestProblems } from '@headgate/rollout'
import { artifactDigest } from '../digests.ts'
import { type ArtifactFolders, HASH, filePath, manifestPath } from './artifact-folders.ts'
import type { ArtifactSource, OtherArtifacts } from './artifact-source.ts'
import { diskTrouble } from './disk-trouble.ts'
import { writeDurably } from './durable-file.ts'
import { placeTree } from './place-tree.ts'
import { removeTree } from './remove-tree.ts'
import { KEPT_UNNEEDED_MS, type Removed, removeUnneeded, stillUsed } from './remove-unneeded.ts'

/**
 * Artifacts by their content: files under their hash, manifests under theirs, and for each manifest a read-only folder
 * that instances run in. What is in here is never changed; what nothing needs any more is removed.
 */
export interface ArtifactStore {
  /** The hashes of a manifest's files that are not here yet. */
  missing(manifest: ArtifactManifest): Promise<Result<string[]>>
  /** Takes a file. It is kept only if its bytes have this hash. */
  put(hash: string, bytes: AsyncIterable<Uint8Array>): Promise<Result<void>>
  /** Makes an artifact of files that are all here or at another node, and answers with its digest. */
  assemble(manifest: ArtifactManifest): Promise<Result<string>>
  /** Whether an artifact is here; one that another node has is brought first. */
  has(digest: string): Promise<boolean>
  /** A file that is here, for another node. */
  openFile(hash: string): Promise<AsyncIterable<Uint8Array> | undefined>
  /** The text of a manifest that is here, for another node. */
  manifest(digest: string): Promise<string | undefined>
  /**
   * The folder of an artifact, checked against its manifest byte by byte; one that was changed since is put aside and
   * made anew from the kept files.
   */
  place(digest: string): Promise<Result<string>>
  /** Says that an artifact is about to be used, so that it is not removed just then, if it is here. */
  use(digest: string): void
  /** Removes what is here and was not among what is needed for a day. One at a time. */
  removeUnneeded(needed: ReadonlySet<string>, now: number): Promise<Removed>
}

/** What a store works with. */
interface Places extends ArtifactFolders {
  /** Where that may be which is not here. */
  readonly elsewhere?: ArtifactSource
}

/** Opens the store in a folder, made where it is missing. What an interrupted write left is removed. */
export async function openArtifactStore(folder: string, elsewhere?: ArtifactSource): Promise<ArtifactStore> {
  const folders: Places = {
    files: join(folder, 'files'),
    manifests: join(folder, 'manifests'),
    trees: join(folder, 'trees'),
    unneeded: join(folder, 'unneeded'),
    temporary: join(folder, 'tmp'),
    ...(elsewhere ? { elsewhere } : {}),
  }
  await removeTree(folders.temporary)
  for (const path of [folders.files, folders.manifests, folders.trees, folders.unneeded, folders.temporary])
    await mkdir(path, { recursive: true, mode: 0o700 })
  return {
    missing: (manifest) => onDisk(folder, () => missingFiles(folders, manifest)),
    put: (hash, bytes) => onDisk(folder, () => putFile(folders, hash, bytes)),
    assemble: (manifest) => onDisk(folder, () => assemble(folders, manifest)),
    async has(digest) {
      const has = await onDisk(folder, async () => ok((await isHere(folders, digest)) || (await bring(folders, digest))))
      return has.ok && has.value
    },
    openFile: async (hash) => (HASH.test(hash) ? openFile(filePath(folders, hash)) : undefined),
    manifest: (digest) => readManifest(folders, digest),
    place: (digest) => onDisk(folder, () => place(folders, digest)),
    use: (digest) => void (HASH.test(digest) && stillUsed(folders, digest)),
    removeUnneeded: (needed, now) => removeUnneeded(folders, needed, now),
  }
}

/** A disk that takes nothing more is an answer, not a crash: nothing half is kept, and somebody can make room. */
async function onDisk<T>(folder: string, act: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await act()
  } catch (error) {
    const reason = diskTrouble(error)
    if (reason === undefined) throw error
    return refuse('ARTIFACT_DISK', { folder, reason })
  }
}

async function missingFiles(folders: ArtifactFolders, manifest: ArtifactManifest): Promise<Result<string[]>> {
  const problem = manifestProblems(manifest)[0]
  if (problem) return refuse('ARTIFACT_INVALID', { reason: problem.path === '' ? problem.reason : `${problem.path}: ${problem.reason}` })
  const missing = new Set<string>()
  for (const entry of manifest.entries) {
    if (entry.kind === 'file' && !(await isFileHere(filePath(folders, entry.hash), entry.size))) missing.add(entry.hash)
  }
  return ok([...missing])
}

/** Whether a file is here; then it is not removed for a while, though no artifact may have it yet. */
async function isFileHere(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (found?.size !== size) return false
  const now = Date.now()
  if (now - found.mtimeMs < KEPT_UNNEEDED_MS / 2) return true
  return utimes(path, now / 1000, now / 1000).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  )
}

async function putFile(folders: ArtifactFolders, hash: string, bytes: AsyncIterable<Uint8Array>): Promise<Result<void>> {
  if (!HASH.test(hash)) return refuse('ARTIFACT_INVALID', { reason: `${hash} is not a SHA-256 in hexadecimal` })
  const digest = createHash('sha256')
  try {
    await writeDurably({
      temporary: folders.temporary,
      place: filePath(folders, hash),
      mode: 0o400,
      async write(file) {
        for await (const chunk of bytes) {
          digest.update(chunk)
          await file.writeFile(chunk)
        }
        const found = digest.digest('hex')
        if (found !== hash) throw new OtherContent(found)
      },
    })
  } catch (error) {
    if (!(error instanceof OtherContent)) throw error
    return refuse('ARTIFACT_INVALID', { reason: `what was sent as ${hash} has the hash ${error.found}` })
  }
  return ok(undefined)
}

class OtherContent extends Error {
  readonly found: string
  constructor(found: string) {
    super('the content has another hash')
    this.found = found
  }
}

async function assemble(folders: Places, manifest: ArtifactManifest): Promise<Result<string>> {
  const missing = await missingEverywhere(folders, manifest)
  if (!missing.ok) return missing
  const digest = artifactDigest(manifest)
  stillUsed(folders, digest)
  if (missing.value.length > 0) return refuse('ARTIFACT_INCOMPLETE', { artifact: digest })
  // The folder first: an artifact that has a manifest can be run.
  const placed = await placeTree(folders, digest, manifest)
  if (!placed.ok) return placed
  const text = canonicalJson(manifest)
  const write = (file: { writeFile(data: string): Promise<void> }) => file.writeFile(text)
  await writeDurably({ temporary: folders.temporary, place: manifestPath(folders, digest), mode: 0o400, write })
  return ok(digest)
}

/** The files of a manifest that are not here, after those were brought that another node has. */
async function missingEverywhere(folders: Places, manifest: ArtifactManifest): Promise<Result<string[]>> {
  const missing = await missingFiles(folders, manifest)
  if (!folders.elsewhere || !missing.ok || missing.value.length === 0) return missing
  await folders.elsewhere.ask((other) => bringFiles(folders, manifest, other))
  return missingFiles(folders, manifest)
}

/** Brings the files that are missing here and that the other node has; whether none is missing any more. */
async function bringFiles(folders: ArtifactFolders, manifest: ArtifactManifest, other: OtherArtifacts): Promise<boolean> {
  const missing = await missingFiles(folders, manifest)
  if (!missing.ok) return true
  let left = missing.value.length
  for (const hash of missing.value) {
    const bytes = await other.file(hash)
    if (bytes && (await putFile(folders, hash, bytes)).ok) left -= 1
  }
  return left === 0
}

/** Makes an artifact here that another node has. What is not what its name says counts as not there. */
async function bring(folders: Places, digest: string): Promise<boolean> {
  let brought = false
  if (!HASH.test(digest)) return false
  await folders.elsewhere?.ask(async (other) => {
    const manifest = manifestIn(await other.manifest(digest))
    if (!manifest || manifestProblems(manifest).length > 0 || artifactDigest(manifest) !== digest) return false
    brought = (await bringFiles(folders, manifest, other)) && (await assemble(folders, manifest)).ok
    return brought
  })
  return brought
}

function manifestIn(text: string | undefined): ArtifactManifest | undefined {
  try {
    const parsed = text === undefined ? undefined : (JSON.parse(text) as ArtifactManifest)
    return Array.isArray(parsed?.entries) ? parsed : undefined
  } catch {
    return undefined
  }
}

async function isHere(folders: ArtifactFolders, digest: string): Promise<boolean> {
  return (await readManifest(folders, digest)) !== undefined
}

/** Whoever reads it uses it, so it is not removed in this moment. */
async function readManifest(folders: ArtifactFolders, digest: string): Promise<string | undefined> {
  if (!HASH.test(digest)) return undefined
  stillUsed(folders, digest)
  return readFile(manifestPath(folders, digest), 'utf8').catch(() => undefined)
}

/** Opened before it is answered, so that what is not there is told from what breaks off. */
async function openFile(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const file: FileHandle | undefined = await open(path, 'r').catch(() => undefined)
  return file?.createReadStream()
}

async function place(folders: Places, digest: string): Promise<Result<string>> {
  if (!(await isHere(folders, digest))) await bring(folders, digest)
  const text = await readManifest(folders, digest)
  if (text === undefined) return refuse('ARTIFACT_INCOMPLETE', { artifact: digest })
  const manifest = JSON.parse(text) as ArtifactManifest
  if (artifactDigest(manifest) !== digest) return refuse('ARTIFACT_DAMAGED', { artifact: digest, what: 'its manifest' })
  return placeTree(folders, digest, manifest)
}
