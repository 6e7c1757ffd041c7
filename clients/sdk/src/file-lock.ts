import { mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from './surroundings.ts'

const ASK_EVERY_MS = 20
const WAIT_AT_MOST_MS = 3_000
/** A lock that is older belongs to a process that died: no holder keeps one for more than the writing of two files. */
const ABANDONED_AFTER_MS = 30_000

/**
 * Runs something while no other process of this machine does the same, so that two of them do not mix their files.
 *
 * @returns false where the lock could not be had in time; nothing was run then
 */
export async function withFileLock(file: string, clock: Clock, run: () => Promise<void>): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  if (!(await acquire(file, clock))) return false
  try {
    await run()
  } finally {
    await rm(file, { force: true })
  }
  return true
}

async function acquire(file: string, clock: Clock): Promise<boolean> {
  for (let waited = 0; waited <= WAIT_AT_MOST_MS; waited += ASK_EVERY_MS) {
    try {
      await (await open(file, 'wx', 0o600)).close()
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isAbandoned(file)) await rm(file, { force: true })
    else await clock.pause(ASK_EVERY_MS)
  }
  return false
}

/** Compared by the file system's own times, whatever the clock of the caller says. */
async function isAbandoned(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > ABANDONED_AFTER_MS
  } catch {
    return false
  }
}
