import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { renderTable } from '../../../output/table.ts'
import { need } from '../../../outcome.ts'

/** Lists whose identity tokens are trusted. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listTrustRules', {}))
  output.answer(answer, () =>
    answer.rules.length === 0
      ? 'there are none; make one: headgate access trust create NAME\n'
      : renderTable(
          answer.rules,
          [
            { title: 'RULE', cell: (each) => printable(each.name), whole: true },
            { title: 'GIVES', cell: (each) => printable(each.principal) },
            { title: 'TO', cell: (each) => printable(Object.values(each.claims).flat().join(' ')) },
            { title: 'ISSUER', cell: (each) => printable(each.issuer) },
            { title: 'AUDIENCE', cell: (each) => printable(each.audience) },
          ],
          output.paint,
          output.width,
        ),
  )
}
