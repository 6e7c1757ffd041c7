import { wordOf } from '../../../access/terms.ts'
import { trustText } from '../../../access/trust-text.ts'
import type { CommandContext } from '../../../command.ts'
import { need } from '../../../outcome.ts'

/** Shows one trust rule. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const rule = need(await client.call('readTrustRule', { params: { rule: wordOf(context, 'rule') } }))
  context.output.answer(rule, () => trustText(rule, context.output))
}
