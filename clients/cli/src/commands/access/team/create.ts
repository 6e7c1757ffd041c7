import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'

/** Makes a team without members and roles. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect } = context
  const description = invocation.option('description')
  const body = { name: wordOf(context, 'team'), ...(description === undefined ? {} : { description }) }
  const { client } = await connect()
  const team = need(await client.call('createTeam', { body }))
  output.answer(team, () => `made the team ${printable(team.name)}\n`)
}
