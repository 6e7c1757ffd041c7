import { resolve } from 'node:path'
import type { CommandContext } from '../command.ts'
import { type Finding, failed, ok } from '../doctor/finding.ts'
import { lookAtData, lookAtKeys } from '../doctor/look-at-data.ts'
import { lookAtPlane } from '../doctor/look-at-plane.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { DEFAULT_DATA } from '../plane/defaults.ts'

const NEEDED = 24

/** Looks at everything Headgate needs to work here, and says of each what is wrong and what to do. Changes nothing. */
export async function run({ world, output, invocation, url }: CommandContext): Promise<ExitCode> {
  const data = resolve(world.cwd, invocation.option('data') ?? DEFAULT_DATA)
  const key = invocation.option('key-file')
  const keyFile = key === undefined ? undefined : resolve(world.cwd, key)
  const findings = [node(), ...(await lookAtPlane(world, url)), ...(await lookAtKeys(world, keyFile)), ...(await lookAtData(data))]
  const failures = findings.filter(({ state }) => state === 'failed').length
  output.answer({ ok: failures === 0, findings }, () => renderFindings(findings, failures, output))
  return failures === 0 ? exitCodes.ok : exitCodes.problem
}

function node(): Finding {
  const { node: version } = process.versions
  const major = Number(version.split('.')[0])
  return major >= NEEDED ? ok('Node', version) : failed('Node', `${version} is too old`, `install Node ${NEEDED}`)
}

const marks = { ok: '✓', warning: '!', failed: '✗', 'left out': '-' } as const

function renderFindings(findings: readonly Finding[], failures: number, { paint }: Output): string {
  const width = Math.max(...findings.map(({ what }) => what.length))
  const colour = { ok: paint.green, warning: paint.yellow, failed: paint.red, 'left out': paint.dim }
  const lines = findings.flatMap(({ what, state, says, fix }) => [
    `${colour[state](marks[state])} ${what.padEnd(width)}  ${printable(says)}`,
    ...(fix === undefined ? [] : [`  ${' '.repeat(width)}  try: ${printable(fix)}`]),
  ])
  const verdict = failures === 0 ? 'nothing is in the way' : `${failures} ${failures === 1 ? 'thing is' : 'things are'} in the way`
  return `${lines.join('\n')}\n\n${verdict}\n`
}
