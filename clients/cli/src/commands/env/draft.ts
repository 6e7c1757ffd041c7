import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Lists drafts, applies one, or closes one. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect, spec } = context
  const { client, environment } = await connect()
  const draft = invocation.argument('draft') ?? ''
  if (spec.name === 'env draft apply') {
    const answer = need(await client.call('applyDraft', { params: { draft }, body: {} }))
    const done = answer.kind === 'text' ? `is at revision ${answer.revision}` : `can be opened by ${printable(answer.author)} for a while`
    return output.answer(answer, () => `${printable(answer.environment)} ${done}\n`)
  }
  if (spec.name === 'env draft close') {
    const answer = need(await client.call('closeDraft', { params: { draft }, body: {} }))
    return output.answer(answer, () => `the draft ${printable(answer.draft)} is closed\n`)
  }
  const params = withoutVersion(await environment(invocation.argument('environment')), spec.name)
  const answer = need(await client.call('listDrafts', { params }))
  output.answer(answer, () =>
    answer.drafts.length === 0
      ? 'no drafts\n'
      : renderTable(
          answer.drafts,
          [
            { title: 'DRAFT', cell: (each) => printable(each.draft) },
            { title: 'KIND', cell: (each) => each.kind },
            { title: 'STATE', cell: (each) => each.state },
            { title: 'ON', cell: (each) => String(each.base), align: 'right' },
            { title: 'BY', cell: (each) => printable(each.author) },
            { title: 'CHANGED', cell: (each) => localTime(each.changed) },
          ],
          output.paint,
          output.width,
        ),
  )
}
