import type { CommandContext } from '../command.ts'
import { need } from '../outcome.ts'
import { showPlannedSteps } from '../release/show-planned-steps.ts'
import { targetOf } from '../release/target.ts'

/** Shows what bringing a release live would do now. */
export async function run(context: CommandContext): Promise<void> {
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const release = need(
    await connection.client.call('readRelease', { params: { ...target, release: context.invocation.argument('release') ?? '' } }),
  )
  await showPlannedSteps(context, connection, target, release)
}
