import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'

/** Lists where releases went. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listTargets', {}))
  output.answer(answer, () => answer.targets.map(({ project, environment }) => `${printable(`${project}/${environment}`)}\n`).join(''))
}
