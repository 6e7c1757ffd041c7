import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { confirm } from '../../input/ask.ts'
import { need } from '../../outcome.ts'
import { followDeployment } from '../../release/follow-deployment.ts'
import { targetName, targetOf } from '../../release/target.ts'

/** Drains and stops everything of a target. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { world, invocation, output } = context
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const question = { text: `Stop everything of ${targetName(target)}?`, what: 'a confirmation', instead: 'headgate release stop --yes' }
  if (!invocation.flag('yes') && !(await confirm(world, question))) {
    output.note('nothing was changed')
    return exitCodes.problem
  }
  const deployment = need(await connection.client.call('stopTarget', { params: target }))
  return followDeployment(context, connection, target, deployment.id)
}
