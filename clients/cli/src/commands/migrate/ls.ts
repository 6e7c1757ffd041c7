import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'

type Migration = Answer<'listMigrations'>['migrations'][number]

/** Lists the migrations that were applied. */
export async function run({ output, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const answer = need(await client.call('listMigrations', {}))
  output.answer(answer, () => {
    if (answer.migrations.length === 0) return 'no .env file was migrated yet; begin with: headgate migrate plan\n'
    return renderTable(
      answer.migrations,
      [
        { title: 'MIGRATION', cell: (each) => printable(each.migration), whole: true },
        { title: 'APPLIED', cell: (each) => localTime(each.created) },
        { title: 'BY', cell: (each) => printable(each.author) },
        { title: 'STATE', cell: (each) => (each.state === 'applied' ? output.paint.green('applied') : output.paint.dim('rolled back')) },
        { title: 'ENVIRONMENTS', cell: (each) => printable(environmentsOf(each)) },
        { title: 'FROM', cell: (each) => printable(each.sources.join(' ')) },
      ],
      output.paint,
      output.width,
    )
  })
}

function environmentsOf({ environments }: Migration): string {
  return environments.map(({ project, environment, revision }) => `${project}/${environment}@${revision}`).join(' ')
}
