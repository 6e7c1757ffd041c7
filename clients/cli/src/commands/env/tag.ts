import type { EnvironmentReference } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { paramsOf, versionOf, withoutVersion } from '../../plane/environment-route.ts'

/** Lists tags, sets one, or deletes one. */
export async function run(context: CommandContext): Promise<void> {
  const { invocation, connect, spec } = context
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  const tag = invocation.argument('tag')
  if (!tag) {
    if (invocation.flag('delete')) end('USAGE', { reason: '--delete needs the tag that goes', command: spec.name })
    return listTags(context, connection, reference)
  }
  return invocation.flag('delete') ? deleteTag(context, connection, reference, tag) : setTag(context, connection, reference, tag)
}

async function listTags({ output }: CommandContext, { client }: Connection, reference: EnvironmentReference): Promise<void> {
  const read = need(await client.call('readEnvironment', { params: paramsOf(reference), query: versionOf(reference) }))
  const { environment, allTags, revision } = read
  const tags = reference.version === undefined ? allTags : allTags.filter((tag) => tag.revision === revision)
  output.answer({ environment, tags }, () =>
    tags.length === 0
      ? `${printable(environment)} has no tags${reference.version === undefined ? '' : ` on revision ${revision}`}\n`
      : renderTable(
          tags,
          [
            { title: 'TAG', cell: (each) => printable(each.name) },
            { title: 'REVISION', cell: (each) => String(each.revision), align: 'right' },
          ],
          output.paint,
          output.width,
        ),
  )
}

async function setTag({ output }: CommandContext, { client }: Connection, reference: EnvironmentReference, tag: string): Promise<void> {
  const params = paramsOf(reference)
  const { revision } = need(await client.call('readEnvironment', { params, query: versionOf(reference) }))
  const answer = need(await client.call('moveTag', { params: { ...params, tag }, body: { revision } }))
  output.answer(answer, () => `${printable(answer.tag)} of ${printable(answer.environment)} is revision ${answer.revision}\n`)
}

async function deleteTag(
  { output, spec }: CommandContext,
  { client }: Connection,
  reference: EnvironmentReference,
  tag: string,
): Promise<void> {
  const answer = need(await client.call('deleteTag', { params: { ...withoutVersion(reference, spec.name), tag } }))
  output.answer(answer, () => `${printable(answer.environment)} has no tag ${printable(answer.tag)} any more\n`)
}
