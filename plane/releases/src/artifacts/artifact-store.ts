import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Result, ok, refuse } from '@headgate/model'
import { type ArtifactManifest, canonicalJson, manifestProblems } from '@headgate/rollout'
import { artifactDigest } from '../digests.ts'
import { type ArtifactFolders, filePath, manifestPath } from './artifact-folders.ts'
import { diskTrouble } from './disk-trouble.ts'
import { writeDurably } from './durable-file.ts'
import { placeTree } from './place-tree.ts'

/**
 * Artifacts by their content: files under their hash, manifests under theirs, and for each manifest a read-only folder
 * that instances run in. What is in here is never changed, only added to.
 */
export interface ArtifactStore {
  /** The hashes of a manifest's files that are not here yet. */
  missing(manifest: ArtifactManifest): Promise<Result<string[]>>
  /** Takes a file. It is kept only if its bytes have this hash. */
  put(hash: string, bytes: AsyncIterable<Uint8Array>): Promise<Result<void>>
  /** Makes an artifact of files that are all here, and answers with its digest. */
  assemble(manifest: ArtifactManifest): Promise<Result<string>>
  has(digest: string): Promise<boolean>
  /**
   * The folder of an artifact, checked against its manifest byte by byte; one that was changed since is put aside and
   * made anew from the kept files.
   */
  place(digest: string): Promise<Result<string>>
}

const HASH = /^[0-9a-f]{64}$/

/** Opens the store in a folder, made where it is missing. What an interrupted write left is removed. */
export async function openArtifactStore(folder: string): Promise<ArtifactStore> {
  const folders: ArtifactFolders = {
    files: join(folder, 'files'),
    manifests: join(folder, 'manifests'),
    trees: join(folder, 'trees'),
    temporary: join(folder, 'tmp'),
  }
  await rm(folders.temporary, { recursive: true, force: true })
  for (const path of [folders.files, folders.manifests, folders.trees, folders.temporary])
    await mkdir(path, { recursive: true, mode: 0o700 })
  return {
    missing: (manifest) => onDisk(folder, () => missingFiles(folders, manifest)),
    put: (hash, bytes) => onDisk(folder, () => putFile(folders, hash, bytes)),
    assemble: (manifest) => onDisk(folder, () => assemble(folders, manifest)),
    has: async (digest) => HASH.test(digest) && (await sizeOf(manifestPath(folders, digest))) !== undefined,
    place: (digest) => onDisk(folder, () => place(folders, digest)),
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
    if (entry.kind === 'file' && (await sizeOf(filePath(folders, entry.hash))) !== entry.size) missing.add(entry.hash)
  }
  return ok([...missing])
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

async function assemble(folders: ArtifactFolders, manifest: ArtifactManifest): Promise<Result<string>> {
  const missing = await missingFiles(folders, manifest)
  if (!missing.ok) return missing
  const digest = artifactDigest(manifest)
  if (missing.value.length > 0) return refuse('ARTIFACT_INCOMPLETE', { artifact: digest })
  // The folder first: an artifact that has a manifest can be run.
  const placed = await placeTree(folders, digest, manifest)
  if (!placed.ok) return placed
  const text = canonicalJson(manifest)
  const write = (file: { writeFile(data: string): Promise<void> }) => file.writeFile(text)
  await writeDurably({ temporary: folders.temporary, place: manifestPath(folders, digest), mode: 0o400, write })
  return ok(digest)
}

async function place(folders: ArtifactFolders, digest: string): Promise<Result<string>> {
  const text = HASH.test(digest) ? await readFile(manifestPath(folders, digest), 'utf8').catch(() => undefined) : undefined
  if (text === undefined) return refuse('ARTIFACT_INCOMPLETE', { artifact: digest })
  const manifest = JSON.parse(text) as ArtifactManifest
  if (artifactDigest(manifest) !== digest) return refuse('ARTIFACT_DAMAGED', { artifact: digest, what: 'its manifest' })
  return placeTree(folders, digest, manifest)
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.size,
    () => undefined,
  )
}
