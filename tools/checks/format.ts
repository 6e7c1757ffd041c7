/** Whether every file is written as oxfmt writes it. */
import type { Check } from './finding.ts'
import { runProgram } from './program.ts'

export const format: Check = {
  name: 'format',
  async run(repository) {
    const { code, stdout, stderr } = await runProgram(repository, ['oxfmt', '--list-different'])
    const files = stdout.split('\n').filter((line) => line !== '')
    if (code !== 0 && files.length === 0) return [{ place: '', message: `oxfmt failed: ${stderr.trim()}` }]
    return files.map((place) => ({ place, message: 'is not formatted', hint: 'npm run ready -- --fix' }))
  },
  async fix(repository) {
    await runProgram(repository, ['oxfmt'])
  },
}
