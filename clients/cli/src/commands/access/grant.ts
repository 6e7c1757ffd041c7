import { subjectOf, subjectText } from '../../access/subject.ts'
import { heldText, scopeOf, untilOf, wordOf } from '../../access/terms.ts'
import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'

/** Gives a role to a principal or a team. */
export async function run(context: CommandContext): Promise<void> {
  const { output, connect, spec } = context
  const subject = subjectOf(wordOf(context, 'who'), spec.name)
  const expires = untilOf(context)
  const { client } = await connect()
  const scope = await scopeOf(context)
  const body = { subject, role: wordOf(context, 'role'), ...(scope ? { scope } : {}), ...(expires === undefined ? {} : { expires }) }
  const binding = need(await client.call('createBinding', { body }))
  output.answer(binding, () => `${printable(subjectText(subject))} holds ${printable(heldText(binding))}\n`)
}
