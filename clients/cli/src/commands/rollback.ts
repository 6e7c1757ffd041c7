import type { CommandContext } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { need } from '../outcome.ts'
import { followDeployment } from '../release/follow-deployment.ts'
import { showRelease } from '../release/show-release.ts'
import { targetOf } from '../release/target.ts'

/** Brings an earlier release live again, code and configuration together. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const to = context.invocation.option('to') ?? 'previous'
  const deployment = need(await connection.client.call('rollBack', { params: target, body: { to } }))
  const { release: id } = deployment
  if (id !== undefined)
    showRelease(context.output, target, need(await connection.client.call('readRelease', { params: { ...target, release: id } })))
  return followDeployment(context, connection, target, deployment.id)
}
