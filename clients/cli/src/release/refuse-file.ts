import { end } from '../outcome.ts'

/** Ends the command over a file or folder that is not there, or cannot be read. */
export function refuseFile(file: string, cause: unknown): never {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException
  return code === 'ENOENT' ? end('FILE_NOT_FOUND', { file }) : end('FILE_UNREADABLE', { file, reason: code })
}
