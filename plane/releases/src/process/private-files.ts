import { createHash, randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Secret } from '@headgate/model'

/** Contents by the name of the variable that says where the file is. */
export type FileContents = Readonly<Record<string, string | Secret>>

/**
 * The `files` of instances: in a folder only this user can enter, each readable by this user alone, in memory where the
 * machine has such a place, so that no plaintext reaches a disk. They outlive the plane as their instances do, and the next
 * plane finds them where this one put them.
 */
export interface PrivateFiles {
  /** Makes the files of an instance what these contents say, each whole at any time, and answers with their paths. */
  write(instance: string, files: FileContents): Promise<Readonly<Record<string, string>>>
  remove(instance: string): Promise<void>
}

/**
 * @param folder where instances are; it names the place in memory, and is the place itself where there is no such memory
 * @param memory a file system in memory
 */
export async function openPrivateFiles(folder: string, memory = '/dev/shm'): Promise<PrivateFiles> {
  const inMemory = join(memory, `headgate-instances-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 24)}`)
  const placeOf = async (instance: string): Promise<string> => {
    const root = (await isOwnFolder(inMemory)) ? inMemory : folder
    return join(root, instance, 'files')
  }
  return {
    async write(instance, files) {
      const names = Object.keys(files)
      if (names.length === 0) return {}
      const place = await placeOf(instance)
      await mkdir(place, { recursive: true, mode: 0o700 })
      const paths = Object.fromEntries(names.map((name) => [name, join(place, fileName(name))]))
      for (const [name, path] of Object.entries(paths)) await writeWhole(path, files[name] ?? '')
      const wanted = new Set(names.map(fileName))
      for (const other of await readdir(place)) if (!wanted.has(other)) await rm(join(place, other), { force: true })
      return paths
    },
    async remove(instance) {
      // Both, because memory may have come or gone since they were written.
      await rm(join(inMemory, instance), { recursive: true, force: true })
      await rm(join(folder, instance, 'files'), { recursive: true, force: true })
      // Goes with the last one; one that still holds others stays.
      await rmdir(inMemory).catch(() => undefined)
    },
  }
}

/** Names of variables make poor file names: any character, any length. The same name has the same file. */
function fileName(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16)
}

async function writeWhole(path: string, content: string | Secret): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, typeof content === 'string' ? content : content.reveal(), { mode: 0o600, flag: 'wx' })
  await rename(draft, path)
}

/** Made where it is missing; one that somebody else made, or may enter, is not used. */
async function isOwnFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    })
    const found = await lstat(folder)
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
  } catch {
    return false
  }
}
