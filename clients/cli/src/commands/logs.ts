import type { LogLine } from '@headgate/contract'
import type { CommandContext } from '../command.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { printable } from '../output/printable.ts'
import { need } from '../outcome.ts'
import { readLines } from '../release/read-lines.ts'
import { targetOf } from '../release/target.ts'

const DEFAULT_TAIL = 100

/** Prints what the instances of a target printed; with --follow, what they go on to print. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, spec, world } = context
  const tail = wholeNumber(invocation.option('tail'), '--tail', spec.name) ?? DEFAULT_TAIL
  const connection = await context.connect()
  const target = await targetOf(context, connection)
  const [service, instance] = [invocation.option('service'), invocation.option('instance')]
  const query = {
    tail,
    follow: invocation.flag('follow') ? ('true' as const) : ('false' as const),
    ...(service === undefined ? {} : { service }),
    ...(instance === undefined ? {} : { instance }),
  }
  const stop = new AbortController()
  const forget = world.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
  try {
    const stream = need(await connection.client.stream('readLogs', { params: target, query }, { signal: stop.signal }))
    for await (const line of readLines<LogLine>(stream)) {
      output.item(line, () => `${output.paint.dim(`${line.service} ${line.instance}`)}  ${printable(line.text)}\n`)
    }
  } catch (cause) {
    if (!stop.signal.aborted) throw cause
  } finally {
    forget()
  }
}
