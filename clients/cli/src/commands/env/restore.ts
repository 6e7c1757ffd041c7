import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Brings a deleted environment back, or lists what can be brought back. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect, spec } = context
  const connection = await connect()
  const named = invocation.argument('environment')
  if (invocation.flag('list') || named === undefined) {
    const answer = need(await connection.client.call('listDeletedEnvironments', {}))
    return output.answer(answer, () =>
      answer.environments.length === 0
        ? 'nothing can be restored\n'
        : renderTable(
            answer.environments,
            [
              { title: 'ENVIRONMENT', cell: ({ project, environment }) => printable(`${project}/${environment}`) },
              { title: 'REVISION', cell: (each) => String(each.revision), align: 'right' },
              { title: 'DELETED', cell: (each) => localTime(each.deleted) },
              { title: 'UNTIL', cell: (each) => localTime(each.purged) },
            ],
            output.paint,
            output.width,
          ),
    )
  }
  const params = withoutVersion(await connection.environment(named), spec.name)
  const answer = need(await connection.client.call('restoreEnvironment', { params, body: {} }))
  output.answer(answer, () => `${printable(answer.environment)} is back, at revision ${answer.revision}\n`)
}
