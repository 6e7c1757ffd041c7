import type { CommandContext } from '../../command.ts'
import { renderKeys } from '../../keys/show-keys.ts'
import { need } from '../../outcome.ts'

/** Shows where the root key is, how many data keys there are, and how far a rotation is. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const keys = need(await client.call('readKeys', {}))
  output.answer(keys, () => renderKeys(keys, output))
}
