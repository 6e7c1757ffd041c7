import { readFile, readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { end } from '../outcome.ts'
import type { World } from '../world.ts'

/** A `.env` file as it was read: bytes, because what is no UTF-8 must be told, not repaired. */
export interface EnvFile {
  readonly name: string
  readonly text: Uint8Array
}

/** The files that were named; where none was, `.env` and `.env.*` of the folder. Ends the command where there is none. */
export async function readSources(world: World, named: readonly string[]): Promise<EnvFile[]> {
  const names = named.length > 0 ? [...new Set(named)] : await envFilesOf(world)
  return Promise.all(names.map(async (name) => ({ name, text: await readSource(world, name) })))
}

async function envFilesOf({ cwd }: World): Promise<string[]> {
  const entries = await readdir(cwd, { withFileTypes: true })
  const names = entries.filter((entry) => !entry.isDirectory() && /^\.env(\..+)?$/.test(entry.name)).map((entry) => entry.name)
  return names.length > 0 ? names.toSorted() : end('MIGRATION_NOTHING', { folder: cwd })
}

async function readSource({ cwd }: World, name: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, name))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    return code === 'ENOENT' ? end('FILE_NOT_FOUND', { file: name }) : end('FILE_UNREADABLE', { file: name, reason: code ?? String(cause) })
  }
}
