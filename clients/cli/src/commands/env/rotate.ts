import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { printable } from '../../output/printable.ts'
import { need } from '../../outcome.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Rotates secrets, and says what became of each rotator. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<ExitCode | void> {
  const connection = await connect()
  const params = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const answer = need(await connection.client.call('rotateEnvironment', { params, body: { paths: [...invocation.options('path')] } }))
  output.answer(answer, () => {
    const lines = answer.outcome.map(
      ({ path, status, message }) => `  ${printable(path)}  ${status}${message === undefined ? '' : `: ${printable(message)}`}`,
    )
    const saved = answer.after === undefined ? 'no revision was made' : `saved as revision ${answer.after}`
    const kept = answer.draft === undefined ? [] : [`not all new states have a place; they are in the draft ${printable(answer.draft)}`]
    return `${[...lines, ...kept, saved].join('\n')}\n`
  })
  return answer.status === 'failed' ? exitCodes.problem : undefined
}
