import { resolve } from 'node:path'
import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import type { Output } from '../../output/output.ts'
import { printable } from '../../output/printable.ts'
import { count } from '../../output/time.ts'
import { end, need } from '../../outcome.ts'
import { cliProblem } from '../../problems.ts'

/** What verifying found out, from the running plane or from a folder. */
type Verdict = Answer<'verifyAudit'>

/** Verifies the audit log and every protected row; the exit code is 1 where something does not fit. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output } = context
  const progress = output.progress('verifying the audit log and every protected row')
  const verdict = await verdictOf(context).finally(() => progress.done())
  output.answer(verdict, () => renderVerdict(verdict, output))
  if (verdict.ok) return exitCodes.ok
  output.problem(cliProblem('AUDIT_UNVERIFIED', { findings: count(verdict.findings.length, 'finding') }))
  return exitCodes.problem
}

async function verdictOf({ world, invocation, connect, spec }: CommandContext): Promise<Verdict> {
  const data = invocation.option('data')
  const keyFile = invocation.option('key-file')
  if (data === undefined) {
    if (keyFile !== undefined) end('USAGE', { reason: '--key-file goes with --data: a running plane has its key', command: spec.name })
    const { client } = await connect()
    return need(await client.call('verifyAudit', {}))
  }
  const { verifyData } = await import('../../local-plane.ts')
  const options = { data: resolve(world.cwd, data), ...(keyFile === undefined ? {} : { keyFile: resolve(world.cwd, keyFile) }) }
  const report = need(await verifyData(options))
  return { ...report, checked: { ...report.checked }, findings: [...report.findings] }
}

function renderVerdict({ ok, size, root, checked, findings }: Verdict, { paint }: Output): string {
  const head = ok
    ? paint.green('verified: nothing was changed outside of Headgate')
    : paint.red(`not verified: ${count(findings.length, 'finding')}`)
  const looked = Object.entries(checked).map(([what, number]) => count(number, what.replace(/s$/, '')))
  const facts = [`  log      ${count(size, 'record')}, root ${root}`, `  checked  ${looked.join(', ') || 'nothing'}`]
  const found = findings.map((finding) => `  ${paint.red(finding.code)}  ${printable(placeOf(finding))}${printable(finding.message)}`)
  return `${[head, ...facts, ...found].join('\n')}\n`
}

function placeOf({ table, key, change }: Verdict['findings'][number]): string {
  const row = [table, key].filter((part) => part !== undefined).join(' ')
  const place = [row, change === undefined ? '' : `change ${change}`].filter((part) => part !== '').join(', ')
  return place === '' ? '' : `${place}: `
}
