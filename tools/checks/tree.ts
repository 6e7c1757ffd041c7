/**
 * Whether the other checks and the tests leave the tree as it was. In CI, where nobody is in the middle of an edit, it must
 * also hold nothing but what was committed.
 */
import type { Check, Finding } from './finding.ts'
import { runProgram } from './program.ts'

/** The check compares with the tree as it was when this was called, so it is made first and run last. */
export async function watchTree(repository: string): Promise<Check> {
  const before = await statusOf(repository)
  return {
    name: 'tree',
    async run() {
      const after = await statusOf(repository)
      const unwanted = process.env['CI'] === 'true' ? [...after] : [...after].filter((line) => !before.has(line))
      return unwanted.map((line): Finding => ({
        place: line.slice(3),
        message: 'was changed or left behind',
        hint: 'write into a temporary folder, or commit it',
      }))
    },
  }
}

/** One line for each path that differs from the last commit, as `git status` prints it. */
async function statusOf(repository: string): Promise<Set<string>> {
  const { code, stdout, stderr } = await runProgram(repository, [
    'git',
    '-c',
    'safe.directory=*',
    'status',
    '--porcelain',
    '--untracked-files=all',
  ])
  if (code !== 0) throw new Error(`git status failed: ${stderr.trim()}`)
  return new Set(stdout.split('\n').filter((line) => line !== ''))
}
