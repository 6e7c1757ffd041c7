import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { end, need } from '../../outcome.ts'
import { readValue } from '../../input/read-text.ts'
import { renderTable } from '../../output/table.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Lists, adds, removes or tries webhooks. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { output, invocation, connect, spec } = context
  const { client, environment } = await connect()
  const params = withoutVersion(await environment(invocation.argument('environment')), spec.name)
  const webhook = invocation.argument('webhook') ?? ''
  if (spec.name === 'env webhook add') {
    const answer = need(await client.call('createWebhook', { params, body: await newWebhook(context) }))
    return output.answer(
      answer,
      () =>
        `${printable(answer.webhook)} is told of ${answer.filters.length === 0 ? 'everything' : printable(answer.filters.join(', '))}\n`,
    )
  }
  if (spec.name === 'env webhook rm') {
    const answer = need(await client.call('deleteWebhook', { params: { ...params, webhook } }))
    return output.answer(answer, () => `removed ${printable(answer.webhook)}\n`)
  }
  if (spec.name === 'env webhook ping') {
    const answer = need(await client.call('pingWebhook', { params: { ...params, webhook }, body: {} }))
    const heard = answer.status === 0 ? `nobody answered: ${printable(answer.response)}` : `answered ${answer.status}`
    output.answer(answer, () => `${heard}, after ${answer.duration} ms\n`)
    return answer.state === 'delivered' ? exitCodes.ok : exitCodes.problem
  }
  const answer = need(await client.call('listWebhooks', { params }))
  output.answer(answer, () =>
    answer.webhooks.length === 0
      ? 'no webhooks\n'
      : renderTable(
          answer.webhooks,
          [
            { title: 'WEBHOOK', cell: (each) => printable(each.webhook) },
            { title: 'HOST', cell: (each) => printable(new URL(each.url).host) },
            { title: 'KINDS', cell: (each) => printable(each.filters.join(' ') || 'all') },
            { title: 'SIGNED', cell: (each) => (each.hasSecret ? 'yes' : 'no') },
            { title: 'ACTIVE', cell: (each) => (each.active ? 'yes' : 'no') },
          ],
          output.paint,
          output.width,
        ),
  )
}

async function newWebhook({ world, invocation, spec }: CommandContext) {
  const name = invocation.option('name')
  const format = invocation.option('format') as 'raw' | 'slack' | 'ms_teams' | undefined
  const file = invocation.option('secret-file')
  const secret = file === undefined ? undefined : await readValue(world, file)
  // Without one nothing is signed, and who asked for signatures would wait for them.
  if (secret === '') end('USAGE', { reason: `the secret in ${file === '-' ? 'standard input' : file} is empty`, command: spec.name })
  return {
    url: invocation.argument('url') ?? '',
    displayName: name ?? '',
    filters: [...invocation.options('kind')],
    ...(name === undefined ? {} : { webhook: name }),
    ...(format === undefined ? {} : { format }),
    ...(secret === undefined ? {} : { secret }),
  }
}
