import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { count } from '../../../output/time.ts'
import { need } from '../../../outcome.ts'

/** Deletes a trust rule and revokes what was exchanged under it. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const answer = need(await client.call('deleteTrustRule', { params: { rule: wordOf(context, 'rule') } }))
  context.output.answer(answer, () => `deleted the trust rule ${printable(answer.rule)}, ${count(answer.revokedTokens, 'token')} revoked\n`)
}
