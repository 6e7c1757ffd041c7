import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'
import { targetName, targetOf } from '../../release/target.ts'

/** Shows everything a release freezes. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation } = context
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const release = need(
    await connection.client.call('readRelease', { params: { ...target, release: invocation.argument('release') ?? '' } }),
  )
  output.answer(release, () => {
    const { content } = release
    const services = content.services.flatMap((service) => [
      `  ${output.paint.bold(printable(service.name))}  ${service.replicas} × ${printable(service.run)}`,
      `    artifact ${service.artifact}`,
      `    at ${printable(service.domain)}, reload ${service.reload}`,
    ])
    const revisions = content.configuration.revisions.map(
      ({ environment, revision, hash }) => `  ${printable(environment)}@${revision}  ${hash}`,
    )
    const head = `release #${release.number}${release.version === undefined ? '' : ` ${printable(release.version)}`} of ${printable(targetName(target))}`
    return [
      output.paint.bold(head),
      release.id,
      `created ${localTime(release.createdAt)} by ${printable(release.createdBy)}`,
      '',
      'services',
      ...services,
      '',
      `configuration ${printable(content.configuration.reference)}, frozen at`,
      ...revisions,
      '',
    ].join('\n')
  })
}
