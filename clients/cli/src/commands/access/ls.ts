import type { CommandContext } from '../../command.ts'
import { subjectOf, subjectText } from '../../access/subject.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'

/** Lists who holds which role, where, and until when. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const { client } = await connect()
  const who = invocation.argument('who')
  const role = invocation.option('role')
  const subject = who === undefined ? undefined : subjectOf(who, spec.name)
  const query = { ...(subject ? { [subject.kind]: subject.name } : {}), ...(role === undefined ? {} : { role }) }
  const answer = need(await client.call('listBindings', { query }))
  output.answer(answer, () =>
    answer.bindings.length === 0
      ? 'nobody holds a role here\n'
      : renderTable(
          answer.bindings.toSorted((a, b) => (subjectText(a.subject) < subjectText(b.subject) ? -1 : 1)),
          [
            { title: 'WHO', cell: (each) => printable(subjectText(each.subject)), whole: true },
            { title: 'ROLE', cell: (each) => printable(each.role), whole: true },
            { title: 'ON', cell: (each) => printable(each.scope?.join(', ') ?? 'everything it speaks of') },
            { title: 'UNTIL', cell: (each) => (each.expires === undefined ? '' : localTime(each.expires)) },
            { title: 'GIVEN BY', cell: (each) => printable(each.createdBy ?? '') },
          ],
          output.paint,
          output.width,
        ),
  )
}
