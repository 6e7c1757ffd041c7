import type { Permission } from '@headgate/model'
import { limitText } from '../../../access/limit-text.ts'
import { scopeOf, untilOf, wordOf } from '../../../access/terms.ts'
import type { CommandContext } from '../../../command.ts'
import { printable } from '../../../output/printable.ts'
import { localTime } from '../../../output/time.ts'
import { need } from '../../../outcome.ts'

/** Makes a token and prints it, alone, on standard output: it is shown nowhere again. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect } = context
  const principal = invocation.option('for')
  const expires = untilOf(context)
  const { client } = await connect()
  const environments = await scopeOf(context)
  const [roles, permissions] = [invocation.options('role'), invocation.options('permission') as readonly Permission[]]
  const limit = {
    ...(roles.length > 0 ? { roles: [...roles] } : {}),
    ...(permissions.length > 0 ? { permissions: [...permissions] } : {}),
    ...(environments ? { environments } : {}),
  }
  const body = {
    name: wordOf(context, 'name'),
    ...(principal === undefined ? {} : { principal }),
    ...(expires === undefined ? {} : { expires }),
    ...(Object.keys(limit).length > 0 ? { limit } : {}),
  }
  const token = need(await client.call('createToken', { body }))
  if (!output.json) {
    const until = token.expires === undefined ? 'until it is revoked' : `until ${localTime(token.expires)}`
    const confined = limitText(token.limit)
    output.note(
      `a token of ${printable(token.principal)}, valid ${until}${confined === '' ? '' : `, ${printable(confined)}`}; shown only now`,
    )
  }
  output.answer(token, () => `${token.secret}\n`)
}
