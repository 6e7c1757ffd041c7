import type { CommandContext } from '../../command.ts'
import type { ExitCode } from '../../exit-code.ts'
import { followRotation } from '../../keys/follow-rotation.ts'
import { need } from '../../outcome.ts'

/** Takes the old keys of a rotation away, once a count by reading has found nothing under them. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { client } = await context.connect()
  need(await client.call('finishKeys', {}))
  return followRotation(context, client, !context.invocation.flag('detach'))
}
