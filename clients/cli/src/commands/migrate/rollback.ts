import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { confirm } from '../../input/ask.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'

/** Rolls a migration back, after asking. */
export async function run({ world, output, invocation, connect }: CommandContext): Promise<ExitCode | void> {
  const migration = invocation.argument('migration') ?? ''
  const { client } = await connect()
  if (!invocation.flag('yes')) {
    const question = {
      text: `Put every environment of ${printable(migration)} back to what it was before?`,
      what: 'a confirmation',
      instead: `headgate migrate rollback ${migration} --yes`,
    }
    if (!(await confirm(world, question))) {
      output.note('nothing was changed')
      return exitCodes.problem
    }
  }
  const body = invocation.flag('force') ? { force: true } : {}
  const answer = need(await client.call('rollBackMigration', { params: { migration }, body }))
  output.answer(answer, () => {
    const lines = answer.environments.map(({ project, environment, before }) =>
      before === 0
        ? `  ${printable(`${project}/${environment}`)}  removed, as the migration had made it`
        : `  ${printable(`${project}/${environment}`)}  holds what revision ${before} held`,
    )
    return [`rolled back ${printable(migration)}`, ...lines, ''].join('\n')
  })
}
