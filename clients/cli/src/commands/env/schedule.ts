import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Lists, adds or removes schedules. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect, spec } = context
  const { client, environment } = await connect()
  const params = withoutVersion(await environment(invocation.argument('environment')), spec.name)
  if (spec.name === 'env schedule add') {
    const path = invocation.option('path')
    const body = { cron: invocation.argument('plan') ?? '', ...(path === undefined ? {} : { path }) }
    const answer = need(await client.call('createSchedule', { params, body }))
    return output.answer(answer, () => `${printable(answer.schedule)} comes next at ${localTime(answer.next ?? 0)}\n`)
  }
  if (spec.name === 'env schedule rm') {
    const schedule = invocation.argument('schedule') ?? ''
    const answer = need(await client.call('deleteSchedule', { params: { ...params, schedule } }))
    return output.answer(answer, () => `removed ${printable(answer.schedule)}\n`)
  }
  const answer = need(await client.call('listSchedules', { params }))
  output.answer(answer, () =>
    answer.schedules.length === 0
      ? 'no schedules\n'
      : renderTable(
          answer.schedules,
          [
            { title: 'SCHEDULE', cell: (each) => printable(each.schedule) },
            { title: 'PLAN', cell: (each) => printable(each.cron ?? 'once') },
            { title: 'PATH', cell: (each) => printable(each.path || 'all') },
            { title: 'NEXT', cell: (each) => (each.next === undefined ? 'never' : localTime(each.next)) },
            { title: 'LAST', cell: (each) => (each.last === undefined ? 'never' : localTime(each.last)) },
          ],
          output.paint,
          output.width,
        ),
  )
}
