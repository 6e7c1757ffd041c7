import type { CommandContext } from '../../command.ts'
import { need } from '../../outcome.ts'

/** Prints the newest signed checkpoint, as C2SP tools read it, or the key it is signed with. */
export async function run({ output, invocation, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const { verifierKey, checkpoint } = need(await client.call('getCheckpoint', {}))
  if (output.json) return output.answer({ verifierKey, checkpoint }, () => '')
  if (invocation.flag('log-key')) return output.raw(`${verifierKey}\n`)
  if (checkpoint === undefined) return output.note('there is no record yet')
  output.raw(checkpoint)
}
