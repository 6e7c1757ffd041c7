import { type EnvironmentName, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { changeText } from '../../environment/change-text.ts'
import { removePathEdit } from '../../environment/path-edit.ts'
import { ask } from '../../input/ask.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Removes one path, or a whole environment after its name was typed. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { invocation, connect, spec } = context
  const connection = await connect()
  const name = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const path = invocation.argument('path')
  return path === undefined ? removeEnvironment(context, connection, name) : removePath(context, connection, name, path)
}

async function removePath({ output }: CommandContext, { client }: Connection, name: EnvironmentName, path: string): Promise<void> {
  const saved = await changeText(client, name, removePathEdit(name, path))
  output.diagnostics(saved.diagnostics, saved.sources)
  const { environment, revision } = saved
  output.answer({ environment, revision, path }, () => `removed ${printable(path)}; ${printable(environment)} is at revision ${revision}\n`)
}

async function removeEnvironment(
  { world, output, invocation }: CommandContext,
  { client }: Connection,
  name: EnvironmentName,
): Promise<ExitCode | void> {
  const shown = shortName(name)
  if (!invocation.flag('yes')) {
    // Asked for only once it is known to be there, so nobody types a name for nothing.
    const { revision } = need(await client.call('readEnvironment', { params: name }))
    const question = {
      text: `Type ${shown} to remove it, all ${revision} of its revisions`,
      what: 'a confirmation',
      instead: `headgate env rm ${shown} --yes`,
    }
    if ((await ask(world, question)).trim() !== shown) {
      output.note('that is not its name; nothing was changed')
      return exitCodes.problem
    }
  }
  const query = invocation.flag('force') ? { force: 'true' as const } : {}
  const answer = need(await client.call('deleteEnvironment', { params: name, query }))
  output.answer(answer, () => `removed ${printable(answer.environment)}, which was at revision ${answer.revision}\n`)
}
