import { renderRoleFile } from '../../../access/role-file.ts'
import { wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { need } from '../../../outcome.ts'

/** Shows one role, as a file that can be changed and taken back. */
export async function run(context: CommandContext): Promise<void> {
  const { client } = await context.connect()
  const role = need(await client.call('readRole', { params: { role: wordOf(context, 'role') } }))
  context.output.answer(role, () => renderRoleFile(role))
}
