import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface TemporaryFolderOptions {
  /** Puts spaces into the path: what starts processes or writes scripts must be able to bear it. Default false. */
  readonly spaces?: boolean
}

/** What a test closes behind its end may write once more into a folder that is gone, so whatever is there again goes when the process does. */
const made = new Set<string>()
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/**
 * A new empty folder that is removed, with all that is in it, when the test ends.
 *
 * @returns its path, with no symbolic link in it
 */
export function temporaryFolder(context: TestContext, { spaces = false }: TemporaryFolderOptions = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), spaces ? 'headgate test ' : 'headgate-test-')))
  made.add(folder)
  // What a dying process still writes can make one attempt fail.
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return folder
}
