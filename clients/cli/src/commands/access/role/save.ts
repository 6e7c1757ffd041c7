import { readRoleFile } from '../../../access/role-file.ts'
import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { readText } from '../../../input/read-text.ts'
import { printable } from '../../../output/printable.ts'
import { CommandEnded, end } from '../../../outcome.ts'

/** Makes a role of a file, or edits one by it: the two commands differ by their name alone. */
export async function run(context: CommandContext): Promise<void> {
  const { world, output, invocation, connect, spec } = context
  const name = wordOf(context, 'role')
  const file = invocation.option('file') ?? end('USAGE', { reason: '--file FILE says what the role allows and denies', command: spec.name })
  const read = readRoleFile(file, await readText(world, file))
  const { description, statements } = read
  const { client } = await connect()
  const creates = spec.name === 'access role create'
  const saved = creates
    ? await client.call('createRole', { body: { name, description, statements } })
    : await client.call('updateRole', { params: { role: name }, body: { description, statements } })
  if (!saved.ok) throw new CommandEnded(read.placed(saved.problem), read.sources)
  output.answer(saved.value, () => `${creates ? 'made' : 'changed'} the role ${printable(name)}\n`)
}
