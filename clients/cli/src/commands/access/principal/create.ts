import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'

/** Makes a user or a machine, which can do nothing yet. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect } = context
  const description = invocation.option('description')
  const kind: 'user' | 'machine' = invocation.flag('machine') ? 'machine' : 'user'
  const body = { name: wordOf(context, 'principal'), kind, ...(description === undefined ? {} : { description }) }
  const { client } = await connect()
  const principal = need(await client.call('createPrincipal', { body }))
  const name = printable(principal.name)
  output.answer(principal, () => `made the ${kind} ${name}\n`)
  if (!output.json)
    output.note(`give it a role: headgate access grant ${name} ROLE\nand a token:    headgate access token create NAME --for ${name}`)
}
