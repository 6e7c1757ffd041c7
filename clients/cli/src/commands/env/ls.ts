import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'

/** Lists the environments the caller may know of. */
export async function run({ output, invocation, connect }: CommandContext): Promise<void> {
  const { client } = await connect()
  const project = invocation.option('project')
  const answer = need(await client.call('listEnvironments', project === undefined ? {} : { query: { project } }))
  const severalOrganisations = new Set(answer.environments.map((each) => each.organisation)).size > 1
  output.answer(answer, () => {
    if (answer.environments.length === 0) {
      const where = project === undefined ? 'yet' : `in the project ${printable(project)}`
      return `there are none ${where}; create one: headgate env init ${printable(project ?? 'PROJECT')}/ENVIRONMENT\n`
    }
    const nameOf = ({ organisation, project: inside, environment }: (typeof answer.environments)[number]) =>
      printable(severalOrganisations ? `${organisation}/${inside}/${environment}` : `${inside}/${environment}`)
    return renderTable(
      answer.environments,
      [
        { title: 'ENVIRONMENT', cell: nameOf, whole: true },
        { title: 'REVISION', cell: (each) => String(each.revision), align: 'right' },
        { title: 'CHANGED', cell: (each) => localTime(each.changed) },
      ],
      output.paint,
      output.width,
    )
  })
}
