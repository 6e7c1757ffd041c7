import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { parsePath, valueAtPath } from '../../environment/document-path.ts'
import { redactOpened } from '../../environment/redact-opened.ts'
import { type OpenFormat, renderOpened, renderOpenedValue } from '../../environment/render-opened.ts'
import { end, need } from '../../outcome.ts'
import { paramsOf, versionOf } from '../../plane/environment-route.ts'

type Opened = Answer<'openEnvironment'>

/** Shows the values of an environment, or one of them. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect, spec } = context
  const format = (invocation.option('format') ?? 'json') as OpenFormat
  const path = invocation.argument('path')
  if (path !== undefined && !['json', 'yaml'].includes(format))
    end('USAGE', { reason: `--format ${format} is for a whole environment; one value is shown as json or yaml`, command: spec.name })
  // A path that is none is refused before the values are asked for, as asking leaves a record.
  const segments = path === undefined ? undefined : need(parsePath(path))
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  const answer = need(
    await connection.client.call('openEnvironment', { params: paramsOf(reference), query: versionOf(reference) }, { exactNumbers: true }),
  )
  output.diagnostics(answer.diagnostics)
  const opened = invocation.flag('redact') ? redactOpened(answer) : answer
  if (path === undefined || segments === undefined) return showAll(context, opened, format)
  const { environment, revision } = opened
  const value = valueAtPath(opened.values, segments)
  if (value === undefined) return end('PATH_NOT_FOUND', { environment, path })
  const secret = isSecret(opened, segments)
  if (output.json) return output.answer({ environment, revision, path, value, secret }, () => '')
  output.raw(renderOpenedValue(value, format))
}

function showAll({ output }: CommandContext, opened: Opened, format: OpenFormat): void {
  if (output.json) return output.answer(opened, () => '')
  if (format === 'detailed') return output.answer(opened, () => renderOpened(opened, format, output))
  output.raw(renderOpened(opened, format, output))
  if ((format === 'dotenv' || format === 'shell') && opened.files.length > 0) {
    output.note(`files are left out, only \`headgate run\` makes them: ${opened.files.map(({ name }) => name).join(', ')}`)
  }
}

/** Whether a value is secret, or holds or lies in one. */
function isSecret({ secrets }: Opened, segments: readonly (string | number)[]): boolean {
  return secrets.some((secret) => {
    const other = need(parsePath(secret))
    const shared = Math.min(other.length, segments.length)
    return other.slice(0, shared).every((segment, i) => segment === segments[i])
  })
}
