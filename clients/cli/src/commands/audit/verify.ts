import { problemOf } from '@headgate/model'
import { resolve } from 'node:path'
import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import type { Output } from '../../output/output.ts'
import { printable } from '../../output/printable.ts'
import { count } from '../../output/time.ts'
import { readText } from '../../input/read-text.ts'
import { end, need } from '../../outcome.ts'
import { keyChoice, namesKeySource } from '../../input/key-choice.ts'
import { databaseAddress } from '../../plane/database-address.ts'

/** What verifying found out, from the running plane or from a folder. */
type Verdict = Answer<'verifyAudit'>

/** Verifies the audit log and every protected row; the exit code is 1 where something does not fit. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output } = context
  const progress = output.progress('verifying the audit log and every protected row')
  const verdict = await verdictOf(context).finally(() => progress.done())
  output.answer(verdict, () => renderVerdict(verdict, output))
  // A plane that works keeps one within a second of its start, and would not have started behind it.
  if (!verdict.anchored && context.invocation.option('data') !== undefined)
    output.warn(
      'no checkpoint of this log was kept outside the data, so an older copy of all of it would not be seen; hold it against one with --checkpoint',
    )
  if (verdict.ok) return exitCodes.ok
  output.problem(problemOf('AUDIT_UNVERIFIED', { findings: count(verdict.found, 'finding') }))
  return exitCodes.problem
}

async function verdictOf(context: CommandContext): Promise<Verdict> {
  const { world, invocation, connect, spec } = context
  const data = invocation.option('data')
  const file = invocation.option('checkpoint')
  const kept = file === undefined ? {} : { checkpoint: await readText(world, file) }
  if (data === undefined) {
    if (namesKeySource(context))
      end('USAGE', { reason: '--key-file and its like go with --data: a running plane has its key', command: spec.name })
    const { client } = await connect()
    return need(await client.call('verifyAudit', { body: kept }))
  }
  const { verifyData } = await import('../../local-plane.ts')
  const database = await databaseAddress(context)
  const folder = resolve(world.cwd, data)
  const key = await keyChoice(context, folder, database !== undefined)
  const options = { data: folder, key, ...(database ? { database } : {}) }
  const report = need(await verifyData({ ...options, ...kept }))
  return { ...report, checked: { ...report.checked }, findings: [...report.findings] }
}

function renderVerdict({ ok, size, root, checked, findings, found: all }: Verdict, { paint }: Output): string {
  const head = ok ? paint.green('verified: nothing was changed outside of Headgate') : paint.red(`not verified: ${count(all, 'finding')}`)
  const looked = Object.entries(checked).map(([what, number]) => count(number, what.replace(/s$/, '')))
  const facts = [`  log      ${count(size, 'record')}, root ${root}`, `  checked  ${looked.join(', ') || 'nothing'}`]
  const found = findings.map((finding) => `  ${paint.red(finding.code)}  ${printable(placeOf(finding))}${printable(finding.message)}`)
  const more = all > findings.length ? [`  and ${count(all - findings.length, 'more finding')}`] : []
  return `${[head, ...facts, ...found, ...more].join('\n')}\n`
}

function placeOf({ table, key, change }: Verdict['findings'][number]): string {
  const row = [table, key].filter((part) => part !== undefined).join(' ')
  const place = [row, change === undefined ? '' : `change ${change}`].filter((part) => part !== '').join(', ')
  return place === '' ? '' : `${place}: `
}
