import type { Answer } from '@headgate/contract'
import { limitText } from '../../../access/limit-text.ts'
import type { CommandContext } from '../../../command.ts'
import type { Paint } from '../../../output/paint.ts'
import { printable } from '../../../output/printable.ts'
import { renderTable } from '../../../output/table.ts'
import { localTime } from '../../../output/time.ts'
import { need } from '../../../outcome.ts'

type Token = Answer<'readToken'>

/** Lists tokens: one's own, another principal's, or everybody's. */
export async function run({ output, invocation, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const principal = invocation.option('for')
  const query = { ...(principal === undefined ? {} : { principal }), ...(invocation.flag('all') ? { all: 'true' as const } : {}) }
  const answer = need(await client.call('listTokens', { query }))
  output.answer(answer, () =>
    answer.tokens.length === 0
      ? 'there are none\n'
      : renderTable(
          answer.tokens,
          [
            { title: '', cell: (each) => (each.current ? output.paint.green('●') : ' ') },
            { title: 'TOKEN', cell: (each) => each.id, whole: true },
            { title: 'NAME', cell: (each) => printable(each.name) },
            { title: 'PRINCIPAL', cell: (each) => printable(each.principal) },
            { title: 'STATE', cell: (each) => stateText(each, output.paint) },
            { title: 'USED', cell: (each) => (each.used === undefined ? 'never' : localTime(each.used)) },
            { title: 'CONFINED', cell: (each) => printable(limitText(each.limit)) },
          ],
          output.paint,
          output.width,
        ),
  )
}

function stateText({ revoked, expires }: Token, paint: Paint): string {
  if (revoked !== undefined) return paint.red('revoked')
  if (expires === undefined) return 'valid'
  return expires <= Date.now() ? paint.yellow('expired') : `until ${localTime(expires)}`
}
