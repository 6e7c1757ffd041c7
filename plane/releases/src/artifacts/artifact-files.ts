import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ARTIFACTS, HASH } from './artifact-folders.ts'

/** A file of a data folder: its path in it, and where it is. */
interface DataFile {
  readonly name: string
  readonly file: string
}

/**
 * What a back-up of a data folder takes along of its artifacts: the kept files and the manifests. Folders that instances
 * run in are made anew of them, and what is just being written is not part of anything yet.
 */
export async function artifactFiles(folder: string): Promise<DataFile[]> {
  const files: DataFile[] = []
  const take = async (path: string, isKept: (name: string) => boolean): Promise<void> => {
    for (const name of await namesIn(join(folder, ARTIFACTS, path)))
      if (isKept(name)) files.push({ name: `${ARTIFACTS}/${path}/${name}`, file: join(folder, ARTIFACTS, path, name) })
  }
  for (const start of await namesIn(join(folder, ARTIFACTS, 'files'))) await take(`files/${start}`, (name) => HASH.test(name))
  await take('manifests', (name) => name.endsWith('.json') && HASH.test(name.slice(0, -'.json'.length)))
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown): string[] => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  })
}
