import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ArtifactEntry, type ArtifactManifest, isExcluded, linkProblem, manifestProblems } from '@headgate/rollout'
import { end, need } from '../outcome.ts'
import { refuseFile } from './refuse-file.ts'
import type { Connection } from '../plane/connection.ts'

/** A folder's files as they will be copied, and where each of them is read from. */
export interface ListedArtifact {
  readonly manifest: ArtifactManifest
  /** Absolute paths by SHA-256. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * Lists what an artifact folder holds. `.git` and `.env*` stay out; a link that leads outside is refused, and so is
 * anything that is neither file, folder nor link.
 */
export async function listArtifact(folder: string, service: string): Promise<ListedArtifact> {
  const entries: ArtifactEntry[] = []
  const files = new Map<string, string>()
  const children = await readdir(folder, { recursive: true }).catch((cause: unknown) => refuseFile(folder, cause))
  for (const path of children.map((child) => child.replaceAll('\\', '/')).toSorted()) {
    if (isExcluded(path)) continue
    const absolute = join(folder, path)
    const found = await lstat(absolute)
    if (found.isDirectory()) continue
    if (found.isSymbolicLink()) {
      const target = await readlink(absolute)
      const problem = linkProblem(path, target)
      if (problem !== undefined) end('ARTIFACT_REFUSED', { service, path, reason: problem })
      entries.push({ kind: 'link', path, target })
    } else if (found.isFile()) {
      const hash = await hashFile(absolute)
      files.set(hash, absolute)
      entries.push({ kind: 'file', path, size: found.size, hash, executable: (found.mode & 0o100) !== 0 })
    } else end('ARTIFACT_REFUSED', { service, path, reason: 'it is neither a file nor a folder nor a link' })
  }
  const manifest = { entries }
  const [problem] = manifestProblems(manifest)
  if (problem) end('ARTIFACT_REFUSED', { service, path: problem.path || resolve(folder), reason: problem.reason })
  return { manifest, files }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Uploads the files the plane lacks, and makes the artifact of them; the result is its digest. */
export async function uploadArtifact(
  connection: Connection,
  { manifest, files }: ListedArtifact,
  progress: (sent: number, of: number) => void,
): Promise<string> {
  const body = { entries: [...manifest.entries] }
  const { missing } = need(await connection.client.call('listMissingFiles', { body }))
  let sent = 0
  for (const hash of missing) {
    progress(sent, missing.length)
    const path = files.get(hash)
    if (path !== undefined) need(await connection.client.call('putFile', { params: { hash }, body: createReadStream(path) }))
    sent += 1
  }
  return need(await connection.client.call('assembleArtifact', { body })).artifact
}
