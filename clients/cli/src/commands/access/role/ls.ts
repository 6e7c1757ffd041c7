import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { renderTable } from '../../../output/table.ts'
import { need } from '../../../outcome.ts'

/** Lists the roles there are. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listRoles', {}))
  output.answer(answer, () =>
    renderTable(
      answer.roles,
      [
        { title: 'ROLE', cell: (each) => printable(each.name), whole: true },
        { title: 'FROM', cell: (each) => (each.builtIn ? 'headgate' : 'you') },
        { title: 'STATEMENTS', cell: (each) => String(each.statements.length), align: 'right' },
        { title: 'DESCRIPTION', cell: (each) => printable(each.description) },
      ],
      output.paint,
      output.width,
    ),
  )
}
