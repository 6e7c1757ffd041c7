import type { CommandContext } from '../../command.ts'
import { optionalTime } from '../../input/optional-time.ts'
import { count, localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'

/** Lets the plane go of the audit records that are older than its retention. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const before = optionalTime(invocation.option('before'), '--before', spec.name)
  const { client } = await connect()
  const pruned = need(await client.call('pruneAudit', { body: before === undefined ? {} : { before } }))
  output.answer(pruned, () => `let go of ${count(pruned.records, 'record')} from before ${localTime(pruned.before)}\n`)
}
