/** Whether everything fits its types. */
import type { Check, Finding } from './finding.ts'
import { runProgram } from './program.ts'

export const types: Check = {
  name: 'types',
  async run(repository) {
    const { code, stdout, stderr } = await runProgram(repository, ['tsc', '--noEmit', '--pretty', 'false'])
    const found = readErrors(stdout)
    if (code !== 0 && found.length === 0) return [{ place: '', message: `tsc failed: ${stdout}${stderr}`.trim() }]
    return found
  },
}

/** An error is a line that begins with a place; the indented lines after it explain it further. */
export function readErrors(output: string): Finding[] {
  return output
    .split(/\n(?=\S)/)
    .map((text) => /^(?<file>[^(\n]+)\((?<line>\d+),\d+\): error (?<message>TS\d+: [^]*)$/.exec(text)?.groups)
    .flatMap((groups) => (groups ? [{ place: `${groups['file']}:${groups['line']}`, message: (groups['message'] ?? '').trim() }] : []))
}
