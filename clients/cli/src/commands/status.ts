import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../command.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'
import { localTime } from '../output/time.ts'
import { need } from '../outcome.ts'
import { addressOf } from '../release/address-of.ts'
import { shortReason } from '../release/reason-text.ts'
import { targetName, targetOf } from '../release/target.ts'

type Status = Answer<'readStatus'>
type Service = Status['services'][number]

/** Shows what runs and where traffic goes, observed now. */
export async function run(context: CommandContext): Promise<void> {
  const { output } = context
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const status = need(await connection.client.call('readStatus', { params: target }))
  output.answer(status, () =>
    [headText(output, targetName(target), status), ...status.services.map((service) => serviceText(output, service, status))].join('\n'),
  )
}

function headText({ paint }: Output, name: string, { live, deployment }: Status): string {
  const release = live
    ? `release ${paint.bold(`#${live.number}`)}${live.version === undefined ? '' : ` ${printable(live.version)}`}  ${live.id.slice(0, 12)}`
    : 'nothing is live'
  const lines = [`${printable(name)}: ${release}`]
  if (live)
    lines.push(
      `  configuration ${printable(live.content.configuration.revisions.map(({ environment, revision }) => `${environment}@${revision}`).join(', '))}`,
    )
  if (deployment)
    lines.push(
      `  last deployment ${deployment.kind}: ${deployment.state}${deployment.reason === undefined ? '' : `, ${shortReason(deployment.reason)}`}`,
    )
  return `${lines.join('\n')}\n`
}

function serviceText(output: Output, { service, domain, traffic, instances }: Service, { router }: Status): string {
  const at = addressOf(domain, router) ?? 'no router runs'
  const shares = traffic.map(({ release, share }) => `${release.slice(0, 12)} ${share} %`).join(', ')
  const head = `${output.paint.bold(printable(service))}  ${printable(at)}  ${shares === '' ? 'no traffic' : shares}\n`
  const columns = [
    { title: 'INSTANCE', cell: (each: Service['instances'][number]) => printable(each.instance) },
    { title: 'RELEASE', cell: (each: Service['instances'][number]) => each.release.slice(0, 12) },
    {
      title: 'STATE',
      cell: (each: Service['instances'][number]) =>
        each.state === 'healthy' ? output.paint.green(each.state) : output.paint.yellow(each.state),
    },
    { title: 'PID', cell: (each: Service['instances'][number]) => String(each.pid ?? ''), align: 'right' as const },
    { title: 'SINCE', cell: (each: Service['instances'][number]) => (each.started === undefined ? '' : localTime(each.started)) },
    { title: 'RESTARTS', cell: (each: Service['instances'][number]) => String(each.restarts), align: 'right' as const },
  ]
  return head + renderTable(instances, columns, output.paint, output.width)
}
