import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'

/** Deletes a custom role nobody holds. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const answer = need(await client.call('deleteRole', { params: { role: wordOf(context, 'role') } }))
  context.output.answer(answer, () => `deleted the role ${printable(answer.role)}\n`)
}
