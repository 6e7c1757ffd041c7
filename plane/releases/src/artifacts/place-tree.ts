import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, rename, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Result, ok, refuse } from '@headgate/model'
import type { ArtifactManifest } from '@headgate/rollout'
import { type ArtifactFolders, filePath } from './artifact-folders.ts'
import { removeTree } from './remove-tree.ts'
import { foldersOf, treeDifference } from './tree-difference.ts'

/**
 * Makes sure the folder of an artifact is there and exactly as its manifest says.
 *
 * The folder holds copies, not links to the kept files: a program that runs with enough rights can write into it, and
 * must not reach what other releases are made of. A folder that was changed is renamed, not removed, because a process
 * may still run in it.
 */
export async function placeTree(folders: ArtifactFolders, digest: string, manifest: ArtifactManifest): Promise<Result<string>> {
  const tree = join(folders.trees, digest)
  const difference = await treeDifference(tree, manifest)
  if (difference === undefined) return ok(tree)

  const draft = join(folders.temporary, randomUUID())
  try {
    await build(folders, draft, manifest)
    const wrong = await treeDifference(draft, manifest)
    if (wrong !== undefined) return await damaged(folders, digest, manifest, wrong.path)
    // Renaming a folder needs the right to write into it.
    await chmod(draft, 0o755)
    if (difference.kind !== 'absent') await rename(tree, join(folders.trees, `${changedPrefix(digest)}${randomUUID()}`))
    await rename(draft, tree).catch(async (error: unknown) => {
      // Somebody else was faster with the same.
      if ((await treeDifference(tree, manifest)) !== undefined) throw error
    })
    await chmod(tree, 0o555)
  } finally {
    await removeTree(draft)
  }
  return ok(tree)
}

/** How folders of an artifact begin that were changed and put aside. */
export function changedPrefix(digest: string): string {
  return `changed-${digest.slice(0, 12)}-`
}

/** A kept file that is not what its name says is dropped, so that the next upload brings it again. */
async function damaged(folders: ArtifactFolders, digest: string, manifest: ArtifactManifest, path: string): Promise<Result<never>> {
  const entry = manifest.entries.find((one) => one.path === path)
  if (entry?.kind === 'file') await unlink(filePath(folders, entry.hash)).catch(() => undefined)
  return refuse('ARTIFACT_DAMAGED', { artifact: digest, what: path })
}

async function build(folders: ArtifactFolders, tree: string, manifest: ArtifactManifest): Promise<void> {
  await mkdir(tree, { mode: 0o755 })
  for (const folder of foldersOf(manifest)) await mkdir(join(tree, folder), { recursive: true, mode: 0o755 })
  for (const entry of manifest.entries) {
    const path = join(tree, entry.path)
    if (entry.kind === 'link') {
      await symlink(entry.target, path)
    } else {
      await copyFile(filePath(folders, entry.hash), path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      await chmod(path, entry.executable ? 0o555 : 0o444)
    }
  }
  for (const folder of foldersOf(manifest)) await chmod(join(tree, folder), 0o555)
  await chmod(tree, 0o555)
}
