import { randomUUID } from 'node:crypto'
import { existsSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactManifest } from '@headgate/rollout'
import { type ArtifactFolders, HASH, filePath, manifestPath, markPath } from './artifact-folders.ts'
import { syncFolder, writeDurably } from './durable-file.ts'
import { changedPrefix } from './place-tree.ts'
import { removeTree } from './remove-tree.ts'

/** How long what nothing needs is kept, in milliseconds: as long as an upload may take until a release is made of it. */
export const KEPT_UNNEEDED_MS = 24 * 60 * 60 * 1000
/** How the folders of artifacts are called that are about to be gone. */
const LEAVING = 'removed-'

export interface Removed {
  readonly artifacts: number
  readonly files: number
}

/**
 * Removes the artifacts that nothing has needed for a day, and the files that no artifact has had for a day.
 *
 * That nothing needs an artifact is written down the first time it is seen; whoever uses it meanwhile takes that away
 * (`stillUsed`), and its day begins anew. Both happen in one turn of the process, so one of them is first. An artifact is gone
 * before a file of it is, and what a crash leaves of this is whole or is removed the next time.
 *
 * @param needed digests of artifacts
 */
export async function removeUnneeded(folders: ArtifactFolders, needed: ReadonlySet<string>, now: number): Promise<Removed> {
  const trees = await readdir(folders.trees)
  const manifests = (await readdir(folders.manifests)).map((name) => name.replace(/\.json$/, ''))
  let artifacts = 0
  for (const digest of new Set([...manifests, ...trees].filter((name) => HASH.test(name)))) {
    if (needed.has(digest)) stillUsed(folders, digest)
    else if (await isOverdue(folders, digest, now)) artifacts += removeArtifact(folders, digest, trees) ? 1 : 0
  }
  // A manifest that came back after a power cut would name files that are gone.
  if (artifacts > 0) await syncFolder(folders.manifests)
  for (const name of await readdir(folders.trees)) if (name.startsWith(LEAVING)) await removeTree(join(folders.trees, name))
  return { artifacts, files: await removeFiles(folders, now) }
}

/** Says that an artifact is used: it has another day from when it is next found unneeded. */
export function stillUsed(folders: ArtifactFolders, digest: string): void {
  rmSync(markPath(folders, digest), { force: true })
}

/** Whether an artifact has been unneeded for a day; if nobody has noticed before, that is written down. */
async function isOverdue(folders: ArtifactFolders, digest: string, now: number): Promise<boolean> {
  const place = markPath(folders, digest)
  const text = await readFile(place, 'utf8').catch(() => '')
  const since = Number(text)
  // A time to come is from a clock that was wrong.
  if (text !== '' && since <= now) return now - since >= KEPT_UNNEEDED_MS
  await writeDurably({ temporary: folders.temporary, place, mode: 0o600, write: (file) => file.writeFile(String(now)) })
  return false
}

/**
 * In one turn, and the manifest last: until then the artifact is whole, as its folder is made anew where it is missing, and
 * without its mark it has another day.
 */
function removeArtifact(folders: ArtifactFolders, digest: string, trees: readonly string[]): boolean {
  const mark = markPath(folders, digest)
  if (!existsSync(mark)) return false
  rmSync(mark, { force: true })
  for (const tree of trees) {
    if (tree !== digest && !tree.startsWith(changedPrefix(digest))) continue
    moveIfThere(join(folders.trees, tree), join(folders.trees, `${LEAVING}${randomUUID()}`))
  }
  rmSync(manifestPath(folders, digest), { force: true })
  return true
}

/** @throws where a manifest cannot be read: what it names is not known, so no file is removed */
async function removeFiles(folders: ArtifactFolders, now: number): Promise<number> {
  const named = new Set<string>()
  for (const name of await readdir(folders.manifests)) {
    const { entries } = JSON.parse(await readFile(join(folders.manifests, name), 'utf8')) as ArtifactManifest
    for (const entry of entries) if (entry.kind === 'file') named.add(entry.hash)
  }
  let removed = 0
  for (const group of await readdir(folders.files)) {
    for (const hash of await readdir(join(folders.files, group))) {
      if (named.has(hash) || !HASH.test(hash)) continue
      const found = await stat(filePath(folders, hash)).catch(() => undefined)
      if (found && isOld(found.mtimeMs, now) && removeFile(folders, hash, now)) removed += 1
    }
  }
  return removed
}

function isOld(modified: number, now: number): boolean {
  return now - modified >= KEPT_UNNEEDED_MS
}

/** Taken away first and looked at then: one that was brought or asked for in this moment is put back. */
function removeFile(folders: ArtifactFolders, hash: string, now: number): boolean {
  const place = filePath(folders, hash)
  const aside = join(folders.temporary, randomUUID())
  if (!moveIfThere(place, aside)) return false
  if (isOld(statSync(aside).mtimeMs, now)) {
    unlinkSync(aside)
    return true
  }
  renameSync(aside, place)
  return false
}

/** Another node may share the folder, and be faster. */
function moveIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}
