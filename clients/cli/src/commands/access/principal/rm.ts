import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { exitCodes, type ExitCode } from '../../../exit-code.ts'
import { confirm } from '../../../input/ask.ts'
import { printable } from '../../../output/printable.ts'
import { count } from '../../../output/time.ts'
import { need } from '../../../outcome.ts'

/** Deletes a principal for good, after asking. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { world, output, invocation, connect } = context
  const principal = wordOf(context, 'principal')
  const question = {
    text: `delete ${printable(principal)} and revoke its tokens?`,
    what: 'a yes',
    instead: `headgate access principal rm ${principal} --yes`,
  }
  if (!invocation.flag('yes') && !(await confirm(world, question))) return exitCodes.problem
  const { client } = await connect()
  const answer = need(await client.call('deletePrincipal', { params: { principal } }))
  output.answer(answer, () => `deleted ${printable(principal)}, ${count(answer.revokedTokens, 'token')} revoked\n`)
  return exitCodes.ok
}
