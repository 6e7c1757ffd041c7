import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'
import { renderTable } from '../../../output/table.ts'
import { localTime } from '../../../output/time.ts'

/** Shows what happened to a draft, and what was said about it. */
export async function run({ output, invocation, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listDraftEvents', { params: { draft: invocation.argument('draft') ?? '' } }))
  output.answer(answer, () =>
    renderTable(
      answer.events,
      [
        { title: 'WHEN', cell: (each) => localTime(each.at) },
        { title: 'WHO', cell: (each) => printable(each.author) },
        { title: 'WHAT', cell: (each) => each.kind },
        { title: 'VERSION', cell: (each) => String(each.version), align: 'right' },
        { title: 'COMMENT', cell: (each) => printable(each.comment ?? '') },
      ],
      output.paint,
      output.width,
    ),
  )
}
