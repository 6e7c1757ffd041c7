import type { Answer } from '@headgate/contract'
import { shortName } from '@headgate/model'
import type { CommandContext } from '../../../command.ts'
import type { ExitCode } from '../../../exit-code.ts'
import { editUntilSaved } from '../../../environment/edit-until-saved.ts'
import { editorOf } from '../../../environment/editor.ts'
import { refuseMasked } from '../../../environment/mask-sealed.ts'
import { readText } from '../../../input/read-text.ts'
import { wholeNumber } from '../../../input/whole-number.ts'
import { printable } from '../../../output/printable.ts'
import { end, need } from '../../../outcome.ts'
import { withoutVersion } from '../../../plane/environment-route.ts'

type Made = Answer<'createDraft'>

/** Proposes a text: from an editor that begins with the newest one, or from a file. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { world, output, invocation, connect, spec } = context
  const { client, environment } = await connect()
  const params = withoutVersion(await environment(invocation.argument('environment')), spec.name)
  const description = invocation.option('description')
  const named = shortName(params)
  const propose = (text: string, expected: number | undefined) => {
    const body = { text, ...(expected === undefined ? {} : { expected }), ...(description === undefined ? {} : { description }) }
    return client.call('createDraft', { params, body })
  }
  const told = (made: Made, sources: Readonly<Record<string, string>>) => {
    output.diagnostics(made.diagnostics, sources)
    output.answer(
      made,
      () => `proposed as draft ${printable(made.draft)}; hand it in with headgate env draft submit ${printable(made.draft)}\n`,
    )
  }
  const file = invocation.option('file')
  if (file !== undefined) {
    const text = await readText(world, file)
    refuseMasked(text)
    const sources = { [named]: text }
    return told(need(await propose(text, wholeNumber(invocation.option('expected'), '--expected', spec.name)), sources), sources)
  }
  if (invocation.option('expected') !== undefined) end('USAGE', { reason: '--expected goes with --file', command: spec.name })
  const editor = editorOf(world)
  const plaintext = invocation.flag('show-secrets')
  const { revision, text } = need(await client.call(plaintext ? 'unsealEnvironment' : 'readEnvironment', { params }))
  return editUntilSaved(context, editor, {
    name: `a draft of ${named}`,
    source: named,
    text,
    save: (edited) => propose(edited, revision),
    saved: told,
    unchanged: () => output.answer({ environment: named, changed: false }, () => 'nothing changed; no draft was made\n'),
    goOnWith: (kept, cause) => {
      const actual = cause.code === 'REVISION_CONFLICT' ? (cause.details['actual'] ?? revision) : revision
      return `headgate env draft new ${named} --file '${kept}' --expected ${actual}`
    },
    plaintext,
  })
}
