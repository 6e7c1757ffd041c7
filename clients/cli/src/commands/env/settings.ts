import type { CommandContext } from '../../command.ts'
import { need } from '../../outcome.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Shows the settings of an environment, or changes what is named. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const connection = await connect()
  const params = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const wanted = invocation.option('deletion-protected')
  const answer =
    wanted === undefined
      ? need(await connection.client.call('readSettings', { params }))
      : need(await connection.client.call('changeSettings', { params, body: { deletionProtected: wanted === 'true' } }))
  output.answer(answer, () => `deletion-protected  ${String(answer.deletionProtected)}\n`)
}
