import { lstat } from 'node:fs/promises'

/**
 * Why a file that holds something secret is not to be trusted, in words; undefined where it is as it must be: a
 * regular file that only its owner can read. Windows keeps no such modes, so there only its kind is looked at.
 */
export async function exposureOf(file: string): Promise<string | undefined> {
  const status = await lstat(file)
  if (!status.isFile()) return 'it is not a regular file'
  if (process.platform === 'win32') return undefined
  const mode = status.mode & 0o777
  if ((mode & 0o077) !== 0) return `others can read it (mode ${mode.toString(8).padStart(4, '0')}); chmod 600 it`
  const self = process.geteuid?.()
  return self !== undefined && self !== 0 && status.uid !== self ? 'it belongs to another user' : undefined
}
