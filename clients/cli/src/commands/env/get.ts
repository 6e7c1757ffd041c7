import { type EnvironmentReference, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { standingAt } from '../../environment/document-text.ts'
import { maskSealed } from '../../environment/mask-sealed.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { paramsOf, versionOf } from '../../plane/environment-route.ts'

/** Shows the text of a revision, or what stands at one path of it. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect, spec } = context
  if (invocation.flag('show-secrets') && invocation.flag('sealed')) {
    end('USAGE', { reason: '--show-secrets and --sealed exclude each other', command: spec.name })
  }
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  const { environment, revision, text } = await readText(context, connection, reference)
  const shown = invocation.flag('sealed') ? text : maskSealed(text)
  const path = invocation.argument('path')
  if (path === undefined) return output.json ? output.answer({ environment, revision, text: shown }, () => '') : output.raw(shown)
  const found = need(standingAt(text, path))
  if (!found) return end('PATH_NOT_FOUND', { environment: shortName(reference), path })
  const { value, secret } = found
  if (output.json) return output.answer({ environment, revision, path, value, secret }, () => '')
  output.raw(`${typeof value === 'string' ? value : maskSealed(found.text)}\n`)
}

/** Sealed as it is stored, or unsealed, which the plane notes in the audit log first. */
async function readText({ invocation }: CommandContext, { client }: Connection, reference: EnvironmentReference) {
  const input = { params: paramsOf(reference), query: versionOf(reference) }
  return need(await (invocation.flag('show-secrets') ? client.call('unsealEnvironment', input) : client.call('readEnvironment', input)))
}
