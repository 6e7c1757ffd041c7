import { copyFile, open, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'

/** What instances print is kept up to twice this, in bytes. */
export const OUTPUT_LIMIT = 10 * 1024 * 1024

export function outputPath(folder: string): string {
  return join(folder, 'output.log')
}

/**
 * Puts a log that has grown past the limit aside and begins it anew. The process goes on writing to the same file,
 * always at its end; what it writes between the copy and the cut is lost.
 */
export async function rotateOutput(folder: string, limit = OUTPUT_LIMIT): Promise<boolean> {
  const path = outputPath(folder)
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size <= limit) return false
  await copyFile(path, `${path}.1`)
  await truncate(path, 0)
  return true
}

/** The last bytes of a log as whole lines. */
export async function tailOf(folder: string, bytes: number): Promise<string[]> {
  const file = await open(outputPath(folder), 'r').catch(() => undefined)
  if (!file) return []
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - bytes)
    const buffer = Buffer.alloc(size - start)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n')
    if (start > 0) lines.shift()
    if (lines.at(-1) === '') lines.pop()
    return lines
  } finally {
    await file.close()
  }
}
