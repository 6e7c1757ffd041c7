import type { Answer } from '@headgate/contract'
import { type EnvironmentReference, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { revisionsBefore } from '../../environment/revisions-before.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { printable } from '../../output/printable.ts'
import { type Column, renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { paramsOf, versionOf } from '../../plane/environment-route.ts'

const DEFAULT_LIMIT = 20
const HASH_SHOWN = 12

/** Lists revisions, newest first; those up to the one that is named, where one is. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const limit = wholeNumber(invocation.option('limit'), '--limit', spec.name) ?? DEFAULT_LIMIT
  const before = wholeNumber(invocation.option('before'), '--before', spec.name)
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  if (before !== undefined && reference.version !== undefined) {
    end('USAGE', { reason: `--before and the @${reference.version} both say where to begin; give one`, command: spec.name })
  }
  const from = await beginning(connection, reference)
  const answer = need(await revisionsBefore(connection.client, paramsOf(reference), from === undefined ? before : from + 1, limit))
  if (from !== undefined && answer.revisions[0]?.revision !== from)
    end('REVISION_NOT_FOUND', { environment: shortName(paramsOf(reference)), revision: from })
  output.answer(answer, () =>
    renderTable(
      answer.revisions,
      [
        { title: 'REVISION', cell: (each) => String(each.revision), align: 'right' },
        { title: 'SAVED', cell: (each) => localTime(each.created) },
        { title: 'BY', cell: (each) => printable(each.author) },
        { title: 'HASH', cell: (each) => printable(each.hash.slice(0, HASH_SHOWN)) },
        { title: 'TAGS', cell: (each) => output.paint.cyan(printable(each.tags.join(' '))) },
        ...(answer.revisions.some(({ retracted }) => retracted) ? [retraction] : []),
      ],
      output.paint,
      output.width,
    ),
  )
  const oldest = answer.revisions.at(-1)?.revision ?? 1
  if (oldest > 1 && !output.json) output.note(`older ones: headgate env history ${printable(answer.environment)} --before ${oldest}`)
}

const retraction: Column<Answer<'listRevisions'>['revisions'][number]> = {
  title: 'RETRACTED',
  cell: ({ retracted }) => (retracted ? printable([`opens as ${retracted.replacement}`, retracted.reason].filter(Boolean).join(': ')) : ''),
}

/** The revision a reference names; what a tag names is the plane's to say. */
async function beginning({ client }: Connection, reference: EnvironmentReference): Promise<number | undefined> {
  if (typeof reference.version !== 'string') return reference.version
  return need(await client.call('readEnvironment', { params: paramsOf(reference), query: versionOf(reference) })).revision
}
