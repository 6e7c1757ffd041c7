import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenedVariable } from './variables.ts'

/** Files for a program's life: in a folder only this user can enter, each readable by this user alone. */
export interface PrivateFiles {
  /** Variables that name the files. */
  readonly variables: readonly OpenedVariable[]
  /** Removes them. Safe to call twice, and from the end of the process. */
  remove(): void
}

export async function writePrivateFiles(
  files: readonly OpenedVariable[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<PrivateFiles> {
  if (files.length === 0) return { variables: [], remove() {} }
  const folder = await mkdtemp(join(env['TMPDIR'] || tmpdir(), 'headgate-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const variables: OpenedVariable[] = []
    for (const [index, { name, value }] of files.entries()) {
      // Names of variables make poor file names (any character, any length), so files are numbered.
      const file = join(folder, String(index))
      await writeFile(file, value, { mode: 0o600, flag: 'wx' })
      variables.push({ name, value: file, secret: false })
    }
    return { variables, remove }
  } catch (cause) {
    remove()
    throw cause
  }
}
