import { subjectOf, subjectText } from '../../access/subject.ts'
import { heldText, scopeOf, wordOf } from '../../access/terms.ts'
import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'

/** Takes a role away: all bindings of the role, or the one on the environments that are named. */
export async function run(context: CommandContext): Promise<void> {
  const { output, connect, spec } = context
  const subject = subjectOf(wordOf(context, 'who'), spec.name)
  const role = wordOf(context, 'role')
  const { client } = await connect()
  const scope = await scopeOf(context)
  const { bindings } = need(await client.call('listBindings', { query: { [subject.kind]: subject.name, role } }))
  const meant = scope ? bindings.filter((binding) => binding.scope?.toSorted().join() === scope.toSorted().join()) : bindings
  if (meant.length === 0) return end('BINDING_NOT_FOUND', { binding: `of ${subjectText(subject)} to ${heldText({ role, scope })}` })
  for (const { id } of meant) need(await client.call('deleteBinding', { params: { binding: id } }))
  output.answer({ removed: meant }, () =>
    meant.map((binding) => `${printable(subjectText(subject))} no longer holds ${printable(heldText(binding))}\n`).join(''),
  )
}
