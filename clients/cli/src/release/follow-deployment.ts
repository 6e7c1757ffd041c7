import { setTimeout as pause } from 'node:timers/promises'
import type { DeploymentEvent } from '@headgate/contract'
import type { CommandContext } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { need } from '../outcome.ts'
import type { Connection } from '../plane/connection.ts'
import { addressOf } from './address-of.ts'
import { readLines } from './read-lines.ts'
import { shortReason, wholeReason } from './reason-text.ts'
import type { Target } from './target.ts'

/** States in which a deployment did what was asked for. */
const good: readonly string[] = ['live', 'stopped', 'superseded']

/**
 * Shows a deployment as it happens and ends with it: exit code 0 where it did what was asked for, 1 where it went back
 * or failed. With `--json`, each event is a line. A connection lost on the way is taken up again where it was.
 */
export async function followDeployment(
  { output }: CommandContext,
  connection: Connection,
  target: Target,
  deployment: string,
): Promise<ExitCode> {
  let seen = 0
  let lost = false
  let idle = false
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Who tells nothing new is asked again after a while: a node that takes a deployment over has to find its feet.
    if (idle) await pause(TAKEN_OVER_WITHIN / ATTEMPTS)
    idle = true
    const stream = await connection.client.stream('watchDeployment', { params: { ...target, deployment } })
    if (!stream.ok && stream.problem.code === 'NODE_UNREACHABLE') {
      if (!lost) output.note('the node that brings it live was lost from sight; if it is gone, another goes on')
      lost = true
      continue
    }
    const lines = readLines<DeploymentEvent>(need(stream))
    try {
      for await (const event of lines) {
        const end = event.type === 'deployment' && ended(event.state) ? event.state : undefined
        // A plane that took over numbers steps as the one before did, other news anew, and may come to less: its end is the end.
        if (event.sequence <= seen && end === undefined) continue
        seen = event.sequence
        idle = false
        show(output, event)
        if (end === undefined) continue
        if (end === 'live') await showAddresses(output, connection, target)
        if (good.includes(end)) return exitCodes.ok
        output.note('what serves now: headgate status; what the instances printed: headgate logs')
        return exitCodes.problem
      }
    } catch {
      output.note('the plane was lost from sight; asking it again')
    }
  }
  output.warn('the deployment goes on without being watched: headgate status')
  return exitCodes.problem
}

const ATTEMPTS = 36
/** How long another node may take to go on with what a node left that is gone, in milliseconds. */
const TAKEN_OVER_WITHIN = 180_000

/** Where what is live now is reached. It is live whether or not this can be found out. */
async function showAddresses(output: Output, { client }: Connection, target: Target): Promise<void> {
  const status = await client.call('readStatus', { params: target }).catch(() => undefined)
  if (!status?.ok) return
  const { services, router } = status.value
  const width = Math.max(...services.map(({ service }) => service.length), 0)
  for (const { service, domain } of services) {
    const address = addressOf(domain, router)
    if (address !== undefined) output.plain(`  ${printable(service.padEnd(width))}  ${printable(address)}\n`)
  }
}

function ended(state: string): boolean {
  return state !== 'running' && state !== 'returning'
}

function show(output: Output, event: DeploymentEvent): void {
  output.item(event, () => {
    const line = textOf(output, event)
    return line === undefined ? '' : `${line}\n`
  })
}

function textOf({ paint }: Output, event: DeploymentEvent): string | undefined {
  switch (event.type) {
    case 'plan':
      return event.direction === 'back'
        ? paint.yellow('going back:')
        : `${event.steps.length} ${event.steps.length === 1 ? 'step' : 'steps'}`
    case 'step':
      if (event.state === 'done')
        return `  ${paint.green('✓')} ${printable(event.text)}${event.detail ? paint.dim(` (${printable(event.detail)})`) : ''}`
      return event.state === 'failed'
        ? `  ${paint.red('✗')} ${printable(event.text)}: ${wholeReason(event.detail ?? 'failed', '    ')}`
        : undefined
    case 'verdict':
    case 'traffic':
      return undefined
    case 'instance':
      return event.detail ? paint.dim(`    ${event.service} ${event.instance} ${event.state}: ${shortReason(event.detail)}`) : undefined
    case 'deployment':
      return ended(event.state) ? endText(event.state, event.reason, paint) : undefined
  }
}

function endText(state: string, reason: string | undefined, paint: Output['paint']): string {
  const why = reason === undefined ? '' : `: ${shortReason(reason)}`
  if (state === 'live') return `${paint.green('●')} ${paint.bold('live')}`
  return good.includes(state) ? `${paint.green('●')} ${state}` : `${paint.red('●')} ${paint.bold(state.replace('-', ' '))}${why}`
}
