import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProcessIdentity, ownIdentity, stillRuns } from './process-identity.ts'
import { refused } from './router-error.ts'

interface Holder extends ProcessIdentity {
  readonly run: string
}

/**
 * Makes this process the only router of a state folder. The lock is a file that names its holder; that of a dead holder
 * is taken over. Taking over moves the file away first, and looks at what was moved: a lock that somebody else took in between is put back.
 *
 * @returns a function that gives the folder free
 * @throws RouterError `already-running`
 */
export async function lockFolder(state: string, run: string): Promise<() => Promise<void>> {
  const lock = join(state, 'lock')
  const mine = join(state, `lock.${run}`)
  await writeFile(mine, JSON.stringify({ ...ownIdentity(), run } satisfies Holder), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (await linked(mine, lock)) return () => giveFree(lock, run)
      const holder = await readHolder(lock)
      if (holder && stillRuns(holder))
        throw refused('already-running', `a router runs on this folder already (pid ${holder.pid})`, { pid: holder.pid })
      await moveAway(lock, join(state, `lock.${run}.stale`), holder)
    }
    throw refused('already-running', 'other routers are being started on this folder')
  } finally {
    await unlink(mine).catch(() => {})
  }
}

async function moveAway(lock: string, aside: string, stale: Holder | undefined): Promise<void> {
  try {
    await rename(lock, aside)
  } catch {
    return
  }
  const moved = await readHolder(aside)
  if (moved && moved.run !== stale?.run && stillRuns(moved)) await linked(aside, lock)
  await unlink(aside).catch(() => {})
}

async function giveFree(lock: string, run: string): Promise<void> {
  if ((await readHolder(lock))?.run === run) await unlink(lock).catch(() => {})
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}
