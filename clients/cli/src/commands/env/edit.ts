import { type EnvironmentName, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import type { ExitCode } from '../../exit-code.ts'
import { editUntilSaved } from '../../environment/edit-until-saved.ts'
import { editorOf } from '../../environment/editor.ts'
import { refuseMasked } from '../../environment/mask-sealed.ts'
import { forgetUnsaved } from '../../environment/unsaved-text.ts'
import { readText } from '../../input/read-text.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Edits the text in an editor, or takes it from a file. Work is never lost: what cannot be saved stays in a file. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { invocation, connect, spec } = context
  const connection = await connect()
  const name = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const file = invocation.option('file')
  if (file !== undefined) return saveFile(context, connection, name, file)
  if (invocation.option('expected') !== undefined) end('USAGE', { reason: '--expected goes with --file', command: spec.name })
  const editor = editorOf(context.world)
  const call = invocation.flag('show-secrets') ? 'unsealEnvironment' : 'readEnvironment'
  const { environment, revision, text } = need(await connection.client.call(call, { params: name }))
  const { output } = context
  return editUntilSaved(context, editor, {
    name: environment,
    source: shortName(name),
    text,
    save: (edited) => connection.client.call('saveEnvironment', { params: name, body: { text: edited, expected: revision } }),
    saved: (answer, sources) => {
      output.diagnostics(answer.diagnostics, sources)
      saySaved(output, environment, answer.revision)
    },
    unchanged: () => sayUnchanged(output, environment, revision),
    goOnWith: (file, cause) => {
      const actual = cause.code === 'REVISION_CONFLICT' ? (cause.details['actual'] ?? revision) : revision
      return `headgate env edit ${shortName(name)} --file '${file}' --expected ${actual}`
    },
    plaintext: invocation.flag('show-secrets'),
  })
}

async function saveFile(
  { world, invocation, output, spec }: CommandContext,
  { client }: Connection,
  name: EnvironmentName,
  file: string,
): Promise<void> {
  const text = await readText(world, file)
  refuseMasked(text)
  const current = need(await client.call('readEnvironment', { params: name }))
  const expected = wholeNumber(invocation.option('expected'), '--expected', spec.name) ?? current.revision
  const { environment } = current
  if (text === current.text && expected === current.revision) return sayUnchanged(output, environment, expected)
  const sources = { [shortName(name)]: text }
  const saved = need(await client.call('saveEnvironment', { params: name, body: { text, expected } }), sources)
  if (file !== '-') await forgetUnsaved(world, file)
  output.diagnostics(saved.diagnostics, sources)
  saySaved(output, environment, saved.revision)
}

function sayUnchanged(output: CommandContext['output'], environment: string, revision: number): void {
  output.answer(
    { environment, revision, changed: false },
    () => `nothing changed; ${printable(environment)} stays at revision ${revision}\n`,
  )
}

function saySaved(output: CommandContext['output'], environment: string, revision: number): void {
  output.answer({ environment, revision, changed: true }, () => `saved; ${printable(environment)} is at revision ${revision}\n`)
}
