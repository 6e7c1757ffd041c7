import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HeadgateError } from '@headgate/model'

export interface FolderLock {
  release(): void
}

/**
 * Makes this process the only one to use a data folder.
 *
 * The lock is an exclusive SQLite transaction on a file of its own: the operating system drops it when the process
 * dies, however it dies, so a crash never leaves a lock behind. The holder's process id stands beside it for the
 * message only; nothing is decided by it.
 *
 * @throws DATA_LOCKED naming the holder
 */
export function lockFolder(folder: string): FolderLock {
  const pidFile = join(folder, 'plane.pid')
  const lock = new DatabaseSync(join(folder, 'plane.lock'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    throw new HeadgateError('DATA_LOCKED', { folder, pid: holderOf(pidFile) }, { cause: error })
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return {
    release() {
      lock.exec('rollback')
      lock.close()
    },
  }
}

function holderOf(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim() || 'unknown'
  } catch {
    return 'unknown'
  }
}
