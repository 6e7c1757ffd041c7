import type { CommandContext } from '../command.ts'
import { printable } from '../output/printable.ts'
import { localTime } from '../output/time.ts'
import { need } from '../outcome.ts'

/** Asks the plane who the token belongs to. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client, url } = await connect()
  const session = need(await client.call('getSession', {}))
  const { user, organisation, kind, roles, token } = session
  output.answer({ url, ...session }, () => {
    const lines = [
      `${output.paint.bold(printable(user))} of ${printable(organisation)} at ${url}`,
      `  kind   ${kind}`,
      `  roles  ${roles.map((role) => printable(role)).join(', ') || 'none'}`,
      `  token  ${printable(token.name)}${token.expires === undefined ? '' : `, until ${localTime(token.expires)}`}`,
    ]
    return `${lines.join('\n')}\n`
  })
}
