import { principalText } from '../../../access/principal-text.ts'
import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { need } from '../../../outcome.ts'

/** Shows one principal: its teams and roles, with where each comes from. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const principal = need(await client.call('readPrincipal', { params: { principal: wordOf(context, 'principal') } }))
  context.output.answer(principal, () => principalText(principal, context.output))
}
