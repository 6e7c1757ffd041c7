import { type EnvironmentName, type Problem, problemOf, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodeOf } from '../../exit-code.ts'
import { editorOf, openEditor } from '../../environment/editor.ts'
import { refuseMasked } from '../../environment/mask-sealed.ts'
import { type UnsavedText, forgetUnsaved, keepUnsaved } from '../../environment/unsaved-text.ts'
import { ask } from '../../input/ask.ts'
import { readText } from '../../input/read-text.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** What is edited: the text as it is stored or unsealed, and the revision it is. */
interface Original {
  readonly name: EnvironmentName
  readonly environment: string
  readonly revision: number
  readonly text: string
}

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
  return editUntilSaved(context, connection, editor, { name, environment, revision, text })
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

async function editUntilSaved(
  context: CommandContext,
  { client }: Connection,
  editor: string,
  original: Original,
): Promise<ExitCode | void> {
  const { world, output } = context
  const { name, environment, revision } = original
  const unsaved = await keepUnsaved(world, shortName(name), original.text)
  for (;;) {
    const code = await openEditor(editor, unsaved.file, world)
    const text = await unsaved.read()
    if (text === original.text) await unsaved.remove()
    if (code !== 0) return refuseEditor(editor, code, unsaved, text !== original.text)
    if (text === original.text) return sayUnchanged(output, environment, revision)
    const sources = { [shortName(name)]: text }
    const saved = await client.call('saveEnvironment', { params: name, body: { text, expected: revision } })
    if (saved.ok) {
      await unsaved.remove()
      output.diagnostics(saved.value.diagnostics, sources)
      return saySaved(output, environment, saved.value.revision)
    }
    output.problem(saved.problem, sources)
    if (!isMistakeInText(saved.problem) || !(await wantsToGoOn(context))) return sayKept(context, original, unsaved, saved.problem)
  }
}

/** Only what another look at the text can mend is worth opening the editor for. */
function isMistakeInText({ code, diagnostics }: Problem): boolean {
  return diagnostics !== undefined || code === 'DOCUMENT_INVALID' || code === 'DOCUMENT_TOO_LARGE'
}

async function wantsToGoOn({ world }: CommandContext): Promise<boolean> {
  if (!world.stdin.isTTY) return false
  const answer = await ask(world, { text: 'Open the editor again? [Y/n]', what: 'an answer', instead: '' })
  return !/^n/i.test(answer.trim())
}

/** The end of an edit that was not saved: where the text is, and how to go on with it. */
function sayKept(
  { output, invocation }: CommandContext,
  { name, environment, revision }: Original,
  { file }: UnsavedText,
  cause: Problem,
): ExitCode {
  const actual = cause.code === 'REVISION_CONFLICT' ? (cause.details['actual'] ?? revision) : revision
  const command = `headgate env edit ${shortName(name)} --file '${file}' --expected ${actual}`
  const kept = problemOf('EDIT_KEPT', { environment, file, command })
  output.problem(kept)
  if (invocation.flag('show-secrets')) output.warn(`${file} holds secrets in plaintext; remove it when you are done`)
  return exitCodeOf(cause)
}

async function refuseEditor(editor: string, code: number, { file }: UnsavedText, changed: boolean): Promise<never> {
  return changed ? end('EDITOR_FAILED', { editor, code, file }) : end('EDITOR_FAILED_UNCHANGED', { editor, code })
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
