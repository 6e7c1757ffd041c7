import { type EnvironmentReference, parseEnvironmentReference, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { type DiffSide, answerDiff, contextOf, sideOf } from '../../environment/show-diff.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { paramsOf, versionOf } from '../../plane/environment-route.ts'

/** Shows how two revisions differ. Lines are compared as they are stored, so a new secret is a change, and shown masked. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const context = contextOf(invocation.option('context'), spec.name)
  const connection = await connect()
  const before = await connection.environment(invocation.argument('environment'))
  const pair = await sidesOf(connection, before, invocation.argument('other'))
  const [older, newer] = await Promise.all([readSide(connection, pair.older), readSide(connection, pair.newer)])
  answerDiff(output, older, newer, context)
}

/**
 * The two revisions that are meant. With one environment only: a revision against the newest, or the newest against
 * the one before it.
 */
async function sidesOf(
  connection: Connection,
  named: EnvironmentReference,
  other: string | undefined,
): Promise<{ older: EnvironmentReference; newer: EnvironmentReference }> {
  const { version: _, ...name } = named
  if (other?.startsWith('@')) {
    return { older: named, newer: need(parseEnvironmentReference(`${shortName(name)}${other}`, name)) }
  }
  if (other !== undefined) return { older: named, newer: await connection.environment(other) }
  if (named.version !== undefined) return { older: named, newer: name }
  const { revision } = need(await connection.client.call('readEnvironment', { params: name }))
  if (revision === 1) end('REVISION_NOT_FOUND', { environment: shortName(name), revision: 0 })
  return { older: { ...name, version: revision - 1 }, newer: { ...name, version: revision } }
}

async function readSide({ client }: Connection, reference: EnvironmentReference): Promise<DiffSide> {
  const answer = need(await client.call('readEnvironment', { params: paramsOf(reference), query: versionOf(reference) }))
  return sideOf(`${answer.environment}@${answer.revision}`, answer.text)
}
