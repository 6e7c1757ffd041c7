/** Whether every test passes. Their own report is shown as it comes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Check } from './finding.ts'

export const tests: Check = {
  name: 'tests',
  async run(repository) {
    const child = spawn(process.execPath, ['--conditions=source', join(repository, 'tools', 'test.ts')], {
      cwd: repository,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    return code === 0 ? [] : [{ place: '', message: 'npm test fails; its report stands above' }]
  },
}
