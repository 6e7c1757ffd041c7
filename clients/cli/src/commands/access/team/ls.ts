import { heldText } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { renderTable } from '../../../output/table.ts'
import { need } from '../../../outcome.ts'

/** Lists the teams with their members and what each holds. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listTeams', {}))
  output.answer(answer, () =>
    answer.teams.length === 0
      ? 'there are none yet; make one: headgate access team create NAME\n'
      : renderTable(
          answer.teams,
          [
            { title: 'TEAM', cell: (each) => printable(each.name), whole: true },
            { title: 'MEMBERS', cell: (each) => printable(each.members.join(', ') || 'none') },
            { title: 'ROLES', cell: (each) => printable(each.roles.map(heldText).join('; ') || 'none') },
            { title: 'DESCRIPTION', cell: (each) => printable(each.description ?? '') },
          ],
          output.paint,
          output.width,
        ),
  )
}
