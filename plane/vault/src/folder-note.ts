import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DATABASE_FILE, type Database, openSnapshot } from '@headgate/store'
import { writeWhole } from './anchor.ts'

/** What every data folder has, whatever its database. */
const LOCK_FILE = 'plane.lock'

/**
 * Beside the kept checkpoint stands which data folder it is kept for, so that a restore sees whose checkpoint it would
 * take over. It decides nothing else, and a plane that cannot write it works all the same.
 */
const noteBeside = (anchorFile: string): string => `${anchorFile.replace(/\.checkpoint$/, '')}.folder`

/** Notes which data folder a checkpoint is kept for. */
export async function noteFolder(anchorFile: string, folder: string): Promise<void> {
  const file = noteBeside(anchorFile)
  const line = `${resolve(folder)}\n`
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== line) await writeWhole(file, line).catch(() => undefined)
}

/**
 * The data folder a checkpoint is kept for, where it is still there as such.
 *
 * @returns undefined where none is noted, and where what is there is gone, damaged, or of another plane
 */
export async function notedFolder(anchorFile: string, id: Database['id']): Promise<string | undefined> {
  const noted = await readFile(noteBeside(anchorFile), 'utf8').catch(() => '')
  const folder = noted.trim()
  if (folder === '') return undefined
  const file = join(folder, DATABASE_FILE)
  if (existsSync(file)) return (await idOfFile(file)) === id ? folder : undefined
  // A node of a PostgreSQL database has no file of its own to ask.
  return existsSync(join(folder, LOCK_FILE)) ? folder : undefined
}

async function idOfFile(file: string): Promise<string | undefined> {
  try {
    const snapshot = openSnapshot(file)
    try {
      const [row] = await snapshot.all(`select "value" from "settings" where "name" = 'folder-id'`)
      return row && String(JSON.parse(String(row['value'])))
    } finally {
      await snapshot.close()
    }
  } catch {
    return undefined
  }
}
