import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces a file so that after a crash at any point either the old content or the whole new one is there: a temporary
 * file is written and synced, renamed over the old one, and the folder synced.
 *
 * @param beforeRename runs when the new content is safe and the old one still in place
 * @throws when the disk refuses; the old content is then untouched
 */
export async function replaceDurably(path: string, content: string, beforeRename?: () => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await beforeRename?.()
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes the names in a folder durable. Where folders cannot be opened for it (not on Linux or macOS) there is nothing to do. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  if (!folder) return
  try {
    await folder.sync()
  } catch {
    // Some file systems refuse to sync a folder; the rename itself is then as durable as they make it.
  } finally {
    await folder.close()
  }
}
