import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NAME = /^headgate-run-(\d+)-/

/**
 * A folder only this user can enter, in memory where the machine has such a place, so that no plaintext reaches a disk.
 * What runs that were killed left behind there is removed first.
 */
export function makePrivateFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = baseFolder(env)
  removeLeftovers(base)
  return mkdtempSync(join(base, `headgate-run-${process.pid}-`))
}

/** Removes it with all that is in it. Safe to call twice, and from the end of the process. */
export function removePrivateFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Whether a path lies in a folder such as these are. */
export function isPrivatePath(path: string): boolean {
  return path.split('/').some((part) => NAME.test(part))
}

function baseFolder({ XDG_RUNTIME_DIR: runtime, TMPDIR: temporary }: Readonly<Record<string, string | undefined>>): string {
  const candidates = [runtime, process.platform === 'linux' ? '/dev/shm' : undefined].filter((place) => place !== undefined && place !== '')
  return (candidates as string[]).find(isWritable) ?? (temporary || tmpdir())
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function removeLeftovers(base: string): void {
  try {
    for (const name of readdirSync(base)) {
      const pid = Number(NAME.exec(name)?.[1] ?? 0)
      if (pid === 0 || isRunning(pid)) continue
      const folder = join(base, name)
      if (statSync(folder).uid === process.getuid?.()) removePrivateFolder(folder)
    }
  } catch {
    // What another run leaves behind must not keep this one from starting.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
