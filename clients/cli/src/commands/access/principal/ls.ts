import { heldText } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { renderTable } from '../../../output/table.ts'
import { need } from '../../../outcome.ts'

/** Lists users and machines with what each holds. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listPrincipals', {}))
  output.answer(answer, () =>
    renderTable(
      answer.principals,
      [
        { title: 'PRINCIPAL', cell: (each) => printable(each.name), whole: true },
        { title: 'KIND', cell: (each) => each.kind },
        { title: 'STATE', cell: (each) => (each.suspended === undefined ? 'active' : output.paint.yellow('suspended')) },
        { title: 'ROLES', cell: (each) => printable(each.roles.map(heldText).join('; ') || 'none') },
        { title: 'DESCRIPTION', cell: (each) => printable(each.description ?? '') },
      ],
      output.paint,
      output.width,
    ),
  )
}
