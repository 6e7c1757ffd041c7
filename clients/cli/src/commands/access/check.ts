import type { Answer } from '@headgate/contract'
import { type Permission, permissions } from '@headgate/model'
import { wordOf } from '../../access/terms.ts'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'

type Check = Answer<'checkAccess'>

/** Says whether somebody may do something, and which statement decides. The exit code is 3 where they may not. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output, connect, spec } = context
  const principal = wordOf(context, 'principal')
  const permission = permissions.find((each) => each === wordOf(context, 'permission')) ?? unknownPermission(context)
  const { client } = await connect()
  const query = { permission, resource: wordOf(context, 'resource'), ...(principal === 'me' ? {} : { principal }) }
  const check = need(await client.call('checkAccess', { query }))
  const paint = { allow: output.paint.green, partial: output.paint.yellow, deny: output.paint.red }[check.decision]
  output.answer(check, () => [paint(sentence(check)), ...reasons(check)].map((line) => `${printable(line, 'lines')}\n`).join(''))
  return check.decision === 'deny' ? exitCodes.denied : exitCodes.ok

  function unknownPermission({ invocation }: CommandContext): Permission {
    const reason = `there is no permission ${invocation.argument('permission')}; there are ${permissions.join(', ')}`
    return end('USAGE', { reason, command: spec.name })
  }
}

function sentence({ principal, permission, resource, decision }: Check): string {
  if (decision === 'partial') return `${principal} may ${permission} some paths of ${resource}`
  return `${principal} may ${decision === 'allow' ? '' : 'not '}${permission} ${resource}`
}

function reasons({ reasons: all, suspended, decision }: Check): string[] {
  if (suspended) return ['  because they are suspended']
  if (all.length === 0) return ['  because no role they hold says anything about it']
  const decisive = all.filter((reason) => reason.decisive)
  const silent = decision === 'deny' && decisive.length === 0 ? ['  because nothing allows it'] : []
  return [...silent, ...all.map((reason) => `  ${reason.decisive ? 'because' : '    and'} ${reasonText(reason)}`)]
}

function reasonText({ role, team, number, statement }: Check['reasons'][number]): string {
  const { effect, permissions: named, environments, patterns } = statement
  const paths = patterns ? `, paths ${patterns.join(' or ')}` : ''
  const through = team === undefined ? '' : ` (held by team:${team})`
  return `statement ${number} of ${role}${through}: ${effect} ${named.join(', ')} on ${environments.join(', ')}${paths}`
}
