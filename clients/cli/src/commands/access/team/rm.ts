import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'

/** Deletes a team. Its members stay; they lose what they held through it. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const answer = need(await client.call('deleteTeam', { params: { team: wordOf(context, 'team') } }))
  context.output.answer(answer, () => `deleted the team ${printable(answer.team)}\n`)
}
