import type { CommandContext } from '../../command.ts'
import type { ExitCode } from '../../exit-code.ts'
import { followRotation } from '../../keys/follow-rotation.ts'
import { need } from '../../outcome.ts'

/** Brings everything back under the keys from before a rotation, and takes the new ones away. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { client } = await context.connect()
  need(await client.call('undoKeys', {}))
  return followRotation(context, client, !context.invocation.flag('detach'))
}
