import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { end, need } from '../../outcome.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Lists labels, sets one, or removes one. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const { client, environment } = await connect()
  const params = withoutVersion(await environment(invocation.argument('environment')), spec.name)
  const label = invocation.argument('label')
  const value = invocation.argument('value')
  if (label === undefined) {
    const answer = need(await client.call('listLabels', { params }))
    const columns = [
      { title: 'LABEL', cell: (each: (typeof answer.labels)[number]) => printable(each.label) },
      { title: 'VALUE', cell: (each: (typeof answer.labels)[number]) => printable(each.value) },
    ]
    return output.answer(answer, () =>
      answer.labels.length === 0 ? 'no labels\n' : renderTable(answer.labels, columns, output.paint, output.width),
    )
  }
  if (invocation.flag('delete')) {
    if (value !== undefined) end('USAGE', { reason: '--delete takes no value', command: spec.name })
    const answer = need(await client.call('deleteLabel', { params: { ...params, label } }))
    return output.answer(answer, () => `${printable(answer.environment)} has no label ${printable(label)} any more\n`)
  }
  if (value === undefined) end('USAGE', { reason: `what is ${label} to be set to?`, command: spec.name })
  const answer = need(await client.call('setLabel', { params: { ...params, label }, body: { value } }))
  output.answer(answer, () => `${printable(answer.label)} is ${printable(answer.value)}\n`)
}
