import { readFileSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './key-sources/key-file.ts'

/** How often the kept checkpoint is renewed at most, in milliseconds. What is newer than it could be rolled back unseen. */
const INTERVAL = 1_000

/**
 * The log's newest signed checkpoint, kept outside the data folder. Whoever puts an older copy of the database back
 * does not have this one, so the next start notices.
 *
 * It is written after the commit it speaks of is durable, so it is never ahead of an honest database.
 */
export interface Anchor {
  readonly file: string
  /** Notes a newer checkpoint; it is on disk within a second. */
  keep(note: string): void
  /** What the last attempt to write failed with. */
  problem(): string | undefined
  /** Writes what is noted. */
  flush(): Promise<void>
}

/** The kept checkpoint; undefined where none was ever kept. */
export function readAnchor(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function createAnchor(file: string): Anchor {
  let noted: string | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let problem: string | undefined

  const write = () => {
    timer = undefined
    const note = noted
    if (note === undefined) return writing
    noted = undefined
    writing = writing
      .then(() => writeWhole(file, note))
      .then(
        () => (problem = undefined),
        (error: unknown) => {
          problem = (error as NodeJS.ErrnoException).code ?? String(error)
        },
      )
      .then(() => undefined)
    return writing
  }

  return {
    file,
    keep(note) {
      noted = note
      timer ??= setTimeout(() => void write(), INTERVAL).unref()
    },
    problem: () => problem,
    async flush() {
      clearTimeout(timer)
      await write()
    },
  }
}

/** All of it or the one before: a half-written checkpoint would be taken for an attack. */
export async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.new`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  await syncFolder(dirname(file))
}
