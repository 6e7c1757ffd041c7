import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../program.ts'

/** The files of the repository: tracked, and new ones that are not ignored. Paths below it, with forward slashes. */
export async function trackedFiles(repository: string): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(repository, [
    'git',
    '-c',
    'safe.directory=*',
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ])
  if (code !== 0) throw new Error(`git ls-files failed: ${stderr.trim()}`)
  const paths = [...new Set(stdout.split('\0').filter((path) => path !== ''))]
  return paths.filter((path) => existsSync(join(repository, path))).toSorted()
}

/** The documents people read: every Markdown file but test data. */
export async function documentPaths(repository: string): Promise<string[]> {
  return (await trackedFiles(repository)).filter((path) => path.endsWith('.md') && !/(?:^|\/)testdata\//.test(path))
}
