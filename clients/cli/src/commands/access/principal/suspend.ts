import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'

/** Suspends a principal, or lets a suspended one sign in again: the two commands differ by their name alone. */
export async function run(context: CommandContext): Promise<void> {
  const { output, connect, spec } = context
  const suspended = spec.name === 'access principal suspend'
  const { client } = await connect()
  const params = { principal: wordOf(context, 'principal') }
  const principal = need(await client.call('updatePrincipal', { params, body: { suspended } }))
  const said = suspended ? 'is suspended: its tokens are refused until it is resumed' : 'can sign in again'
  output.answer(principal, () => `${printable(principal.name)} ${said}\n`)
}
