import type { CommandContext } from '../../../command.ts'
import { maskSealed } from '../../../environment/mask-sealed.ts'
import { answerDiff, contextOf, sideOf } from '../../../environment/show-diff.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'
import { draftOf, describe } from './draft-text.ts'

/** Shows a draft, or how it differs from the newest revision. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const connection = await connect()
  const { found, params } = await draftOf(connection, invocation.argument('draft'), spec.name)
  if (spec.name === 'env draft diff') {
    const context = contextOf(invocation.option('context'), spec.name)
    const { draft: _, ...environment } = params
    const head = need(await connection.client.call('readEnvironment', { params: environment }))
    const older = sideOf(`${head.environment}@${head.revision}`, head.text)
    return answerDiff(output, older, sideOf(`draft ${found.draft}`, found.text), context)
  }
  const text = invocation.flag('sealed') ? found.text : maskSealed(found.text)
  output.answer({ ...found, text }, () => {
    const approved = found.approvals.map(({ by }) => printable(by)).join(', ')
    const moved = found.kind === 'text' && found.base !== found.head
    const notes = [
      ...(approved === '' ? [] : [`  approved by ${approved}`]),
      ...(moved ? [`  the environment is at revision ${found.head} by now: edit the draft before it can be applied`] : []),
    ]
    return `${describe(found)}${notes.map((note) => `${note}\n`).join('')}\n${printable(text, 'lines').replace(/\n?$/, '\n')}`
  })
}
