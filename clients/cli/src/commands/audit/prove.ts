import type { CommandContext } from '../../command.ts'
import { readText } from '../../input/read-text.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { end, need } from '../../outcome.ts'

/** Prints the proof that a record is in the log, or that the log still begins with what a checkpoint says. */
export async function run({ world, output, invocation, connect, spec }: CommandContext): Promise<void> {
  const change = wholeNumber(invocation.argument('record'), 'the record', spec.name)
  const file = invocation.option('checkpoint')
  if ((change === undefined) === (file === undefined)) {
    return end('USAGE', { reason: 'name a record, or a checkpoint with --checkpoint FILE, and not both', command: spec.name })
  }
  const kept = file === undefined ? undefined : await readText(world, file)
  const { client } = await connect()
  const proof =
    kept === undefined
      ? need(await client.call('proveRecord', { params: { change: change ?? 0 } }))
      : need(await client.call('proveGrowth', { body: { checkpoint: kept } }))
  output.raw(`${JSON.stringify(proof)}\n`)
}
