import type { CommandContext } from '../../command.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'
import { targetOf } from '../../release/target.ts'

const DEFAULT_LIMIT = 20

/** Lists the releases of a target, newest first, and marks the live one. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, spec } = context
  const limit = wholeNumber(invocation.option('limit'), '--limit', spec.name) ?? DEFAULT_LIMIT
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const { releases } = need(await connection.client.call('listReleases', { params: target, query: { limit } }))
  const { live } = need(await connection.client.call('readStatus', { params: target }))
  output.answer({ releases, live: live?.id ?? null }, () => {
    if (releases.length === 0) return 'no releases\n'
    return renderTable(
      releases,
      [
        { title: '', cell: (each) => (each.id === live?.id ? output.paint.green('●') : ' ') },
        { title: '#', cell: (each) => String(each.number), align: 'right' },
        { title: 'VERSION', cell: (each) => printable(each.version ?? '') },
        { title: 'RELEASE', cell: (each) => each.id.slice(0, 12) },
        { title: 'CONFIGURATION', cell: (each) => printable(revisionText(each.content.configuration.revisions)) },
        { title: 'CREATED', cell: (each) => localTime(each.createdAt) },
        { title: 'BY', cell: (each) => printable(each.createdBy) },
      ],
      output.paint,
      output.width,
    )
  })
}

function revisionText(revisions: readonly { readonly environment: string; readonly revision: number }[]): string {
  const [root, ...imports] = revisions
  if (!root) return ''
  return `${root.environment.split('/').slice(1).join('/')}@${root.revision}${imports.length === 0 ? '' : ` and ${imports.length} imported`}`
}
