import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { end, need } from '../../../outcome.ts'
import { renderTable } from '../../../output/table.ts'
import { localTime } from '../../../output/time.ts'
import { withoutVersion } from '../../../plane/environment-route.ts'
import type { Draft } from './draft-text.ts'

type State = 'open' | 'applied' | 'closed' | 'all'

/** Lists the drafts of one environment, or of all. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const { client, environment } = await connect()
  const named = invocation.argument('environment')
  const state = invocation.option('state') as State | undefined
  if (named !== undefined && state !== undefined) {
    end('USAGE', { reason: '--state goes without an environment, whose drafts are all listed', command: spec.name })
  }
  const answer =
    named === undefined
      ? need(await client.call('listAllDrafts', { query: state === undefined ? {} : { state } }))
      : need(await client.call('listDrafts', { params: withoutVersion(await environment(named), spec.name) }))
  output.answer(answer, () =>
    answer.drafts.length === 0
      ? 'no drafts\n'
      : renderTable(
          answer.drafts,
          [
            { title: 'DRAFT', cell: (each) => printable(each.draft) },
            ...(named === undefined ? [{ title: 'ENVIRONMENT', cell: (each: Draft) => printable(each.environment) }] : []),
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
