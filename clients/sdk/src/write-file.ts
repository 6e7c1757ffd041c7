import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file that only its owner can read, whole or not at all: a new file beside it is written, synced and renamed
 * over it. The folder is made where it is missing, for its owner alone.
 */
export async function writePrivateFile(file: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const beside = `${file}.${randomBytes(6).toString('hex')}.new`
  try {
    await using handle = await open(beside, 'wx', 0o600)
    await handle.writeFile(content)
    await handle.sync()
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  try {
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes the rename itself survive a power cut. Not every platform lets a folder be synced, and then it is left. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r')
    await handle.sync()
  } catch {
    // The file is complete under its name; only how soon that is on disk is unknown.
  }
}
