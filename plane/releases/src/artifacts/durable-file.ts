import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Writes a file that is either there as a whole or not at all: beside others in `temporary` first, synced, then renamed
 * into place, and the folder synced.
 *
 * @param write fills the file; what it throws leaves nothing behind
 */
export async function writeDurably(options: {
  readonly temporary: string
  readonly place: string
  readonly mode: number
  readonly write: (file: FileHandle) => Promise<void>
}): Promise<void> {
  const draft = join(options.temporary, randomUUID())
  try {
    const file = await open(draft, 'wx', options.mode)
    try {
      await options.write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await mkdir(dirname(options.place), { recursive: true, mode: 0o700 })
    await rename(draft, options.place)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(options.place))
}

/** Makes the names in a folder durable, where the system lets a folder be opened for that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
