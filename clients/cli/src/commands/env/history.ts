import type { CommandContext } from '../../command.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'
import { paramsOf } from '../../plane/environment-route.ts'

const DEFAULT_LIMIT = 20
const HASH_SHOWN = 12

/** Lists revisions, newest first. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const limit = wholeNumber(invocation.option('limit'), '--limit', spec.name) ?? DEFAULT_LIMIT
  const before = wholeNumber(invocation.option('before'), '--before', spec.name)
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  const query = { limit, ...(before === undefined ? {} : { before }) }
  const answer = need(await connection.client.call('listRevisions', { params: paramsOf(reference), query }))
  output.answer(answer, () =>
    renderTable(
      answer.revisions,
      [
        { title: 'REVISION', cell: (each) => String(each.revision), align: 'right' },
        { title: 'SAVED', cell: (each) => localTime(each.created) },
        { title: 'BY', cell: (each) => printable(each.author) },
        { title: 'HASH', cell: (each) => printable(each.hash.slice(0, HASH_SHOWN)) },
        { title: 'TAGS', cell: (each) => output.paint.cyan(printable(each.tags.join(' '))) },
      ],
      output.paint,
      output.width,
    ),
  )
  const oldest = answer.revisions.at(-1)?.revision ?? 1
  if (oldest > 1 && !output.json) output.note(`older ones: headgate env history ${printable(answer.environment)} --before ${oldest}`)
}
