import type { CommandContext } from '../../command.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'
import { paramsOf, withoutVersion } from '../../plane/environment-route.ts'

/** Copies an environment; the name of the copy may leave its project out. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  if (invocation.flag('tags') && !invocation.flag('history')) {
    end('USAGE', { reason: '--tags copies tags of revisions, which come with --history; give both', command: spec.name })
  }
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  const copy = withoutVersion(await connection.environment(targetName(invocation.argument('target') ?? '', reference.project)), spec.name)
  const { version } = reference
  const body = {
    project: copy.project,
    environment: copy.environment,
    ...(version === undefined ? {} : { version: String(version) }),
    history: invocation.flag('history'),
    tags: invocation.flag('tags'),
    labels: invocation.flag('labels'),
  }
  const answer = need(await connection.client.call('cloneEnvironment', { params: paramsOf(reference), body }))
  output.answer(answer, () => `${printable(answer.environment)} is a copy, at revision ${answer.revision}\n`)
}

/** A name without a project is in the project of what it is made of. */
export function targetName(text: string, project: string): string {
  return text.includes('/') ? text : `${project}/${text}`
}
