import { resolve } from 'node:path'
import type { CommandContext } from '../../command.ts'
import { count } from '../../output/time.ts'
import { need } from '../../outcome.ts'
import { DEFAULT_DATA } from '../../plane/defaults.ts'

/** Makes a new token for the owner. Whoever holds the data folder and its key may: they could read everything anyway. */
export async function run({ world, output, invocation }: CommandContext): Promise<void> {
  const { resetOwner } = await import('../../local-plane.ts')
  const data = resolve(world.cwd, invocation.option('data') ?? DEFAULT_DATA)
  const keyFile = invocation.option('key-file')
  const { token, revoked } = need(await resetOwner({ data, ...(keyFile === undefined ? {} : { keyFile: resolve(world.cwd, keyFile) }) }))
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
