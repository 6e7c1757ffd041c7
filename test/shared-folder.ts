import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * The folder of conformance data, or undefined where this machine has none.
 *
 * `HEADGATE_SHARED` names it; otherwise it is looked for beside the repository. The data is read where it lies and
 * never copied, so a test that needs it says on a machine without it that it was left out.
 *
 * @param inside a folder or file below it, for example `esc-conformance/eval`
 */
export function sharedFolder(inside = '.'): string | undefined {
  const root = process.env['HEADGATE_SHARED'] ?? join(repository, '..', 'shared')
  const path = resolve(root, inside)
  return existsSync(path) ? path : undefined
}
