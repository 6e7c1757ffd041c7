import { teamText } from '../../../access/team-text.ts'
import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { need } from '../../../outcome.ts'

/** Takes a principal into a team, or out of it: the two commands differ by their name alone. */
export async function run(context: CommandContext): Promise<void> {
  const { output, connect, spec } = context
  const params = { team: wordOf(context, 'team'), principal: wordOf(context, 'principal') }
  const { client } = await connect()
  const adds = spec.name === 'access team add'
  const team = need(adds ? await client.call('addTeamMember', { params }) : await client.call('removeTeamMember', { params }))
  output.answer(team, () => teamText(team, output))
}
