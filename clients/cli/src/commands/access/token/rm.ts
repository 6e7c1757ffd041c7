import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'

/** Revokes a token: its next request is refused, its open connections are closed. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const token = need(await client.call('revokeToken', { params: { token: wordOf(context, 'token') } }))
  context.output.answer(token, () => `revoked ${printable(token.name)} of ${printable(token.principal)}\n`)
}
