import type { CommandContext } from '../../command.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'
import { paramsOf } from '../../plane/environment-route.ts'

/** Retracts the revision that is named. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  if (reference.version === undefined) end('USAGE', { reason: 'which revision? name it behind an @', command: spec.name })
  const replacement = wholeNumber(invocation.option('replacement'), '--replacement', spec.name)
  const reason = invocation.option('reason')
  const params = { ...paramsOf(reference), version: String(reference.version) }
  const body = { ...(replacement === undefined ? {} : { replacement }), ...(reason === undefined ? {} : { reason }) }
  const answer = need(await connection.client.call('retractRevision', { params, body }))
  output.answer(answer, () => `${printable(answer.environment)}@${answer.revision} is opened as revision ${answer.replacement} now\n`)
}
