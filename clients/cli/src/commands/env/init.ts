import { shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { readText } from '../../input/read-text.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Creates an environment, empty or with a first text. */
export async function run({ world, output, invocation, connect, spec }: CommandContext): Promise<void> {
  const connection = await connect()
  const params = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const file = invocation.option('file')
  const text = file === undefined ? undefined : await readText(world, file)
  const sources = text === undefined ? {} : { [shortName(params)]: text }
  const created = need(await connection.client.call('createEnvironment', { params, body: text === undefined ? {} : { text } }), sources)
  output.diagnostics(created.diagnostics, sources)
  output.answer(created, () => `created ${printable(created.environment)} at revision ${created.revision}\n`)
}
