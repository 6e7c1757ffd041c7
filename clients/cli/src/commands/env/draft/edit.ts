import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../../command.ts'
import type { ExitCode } from '../../../exit-code.ts'
import { editUntilSaved } from '../../../environment/edit-until-saved.ts'
import { editorOf } from '../../../environment/editor.ts'
import { refuseMasked } from '../../../environment/mask-sealed.ts'
import { readText } from '../../../input/read-text.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'
import { draftOf } from './draft-text.ts'

/** Edits the text of a draft, which from then on is made on the newest revision. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { world, output, invocation, connect, spec } = context
  const connection = await connect()
  const { found, params } = await draftOf(connection, invocation.argument('draft'), spec.name)
  const change = (text: string) => connection.client.call('changeDraft', { params, body: { text, expected: found.version } })
  const told = (changed: Answer<'changeDraft'>, sources: Readonly<Record<string, string>>) => {
    output.diagnostics(changed.diagnostics, sources)
    output.answer(changed, () => `the draft ${printable(changed.draft)} is at version ${changed.version}, on revision ${changed.base}\n`)
  }
  const file = invocation.option('file')
  if (file !== undefined) {
    const text = await readText(world, file)
    refuseMasked(text)
    const sources = { [found.environment]: text }
    return told(need(await change(text), sources), sources)
  }
  return editUntilSaved(context, editorOf(world), {
    name: `the draft ${found.draft}`,
    source: found.environment,
    text: found.text,
    save: change,
    saved: told,
    unchanged: () =>
      output.answer({ draft: found.draft, changed: false }, () => `nothing changed; the draft stays at version ${found.version}\n`),
    goOnWith: (kept) => `headgate env draft edit ${found.draft} --file '${kept}'`,
    plaintext: false,
  })
}
