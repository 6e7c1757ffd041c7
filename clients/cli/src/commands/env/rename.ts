import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import { withoutVersion } from '../../plane/environment-route.ts'
import { targetName } from './clone.ts'

/** Gives an environment another name. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const connection = await connect()
  const params = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const name = withoutVersion(await connection.environment(targetName(invocation.argument('target') ?? '', params.project)), spec.name)
  const query = invocation.flag('force') ? { force: 'true' as const } : {}
  const body = { project: name.project, environment: name.environment }
  const answer = need(await connection.client.call('renameEnvironment', { params, query, body }))
  output.answer(answer, () => `${printable(answer.before)} is called ${printable(answer.environment)} now\n`)
}
