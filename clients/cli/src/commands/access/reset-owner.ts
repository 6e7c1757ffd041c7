import { resolve } from 'node:path'
import type { CommandContext } from '../../command.ts'
import { keyChoice } from '../../input/key-choice.ts'
import { count } from '../../output/time.ts'
import { need } from '../../outcome.ts'
import { databaseAddress } from '../../plane/database-address.ts'
import { DEFAULT_DATA } from '../../plane/defaults.ts'

/** Makes a new token for the owner. Whoever holds the data folder and its key may: they could read everything anyway. */
export async function run(context: CommandContext): Promise<void> {
  const { world, output, invocation } = context
  const { resetOwner } = await import('../../local-plane.ts')
  const data = resolve(world.cwd, invocation.option('data') ?? DEFAULT_DATA)
  const database = await databaseAddress(context)
  const key = await keyChoice(context, data, database !== undefined)
  const { token, revoked } = need(await resetOwner({ data, key, ...(database ? { database } : {}) }))
  const text = token.reveal()
  output.answer({ data, user: 'owner', token: text, revoked }, () => {
    const lines = [
      `the new token of owner, shown only now (${count(revoked, 'earlier token')} revoked):`,
      '',
      `  ${output.paint.bold(text)}`,
      '',
      'start the plane again, then: headgate login',
    ]
    return `${lines.join('\n')}\n`
  })
}
