import { teamText } from '../../../access/team-text.ts'
import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { need } from '../../../outcome.ts'

/** Shows one team. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const team = need(await client.call('readTeam', { params: { team: wordOf(context, 'team') } }))
  context.output.answer(team, () => teamText(team, context.output))
}
