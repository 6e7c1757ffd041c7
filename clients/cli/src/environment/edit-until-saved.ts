import { type Problem, type Result, problemOf } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { type ExitCode, exitCodeOf } from '../exit-code.ts'
import { ask } from '../input/ask.ts'
import { end } from '../outcome.ts'
import { openEditor } from './editor.ts'
import { type UnsavedText, keepUnsaved } from './unsaved-text.ts'

/** A text somebody edits, and what becomes of it. */
export interface Edit<T> {
  /** What it is called: `shop/dev`, or a draft. */
  readonly name: string
  /** What diagnostics call its text. */
  readonly source: string
  readonly text: string
  save(text: string): Promise<Result<T>>
  /** Tells of what was saved; `sources` are the texts that diagnostics quote from. */
  saved(answer: T, sources: Readonly<Record<string, string>>): void
  unchanged(): void
  /** The command that goes on with a text that was kept in a file. */
  goOnWith(file: string, cause: Problem): string
  /** Whether secrets are in it in plaintext. */
  readonly plaintext: boolean
}

/** Edits in an editor until it is saved. Work is never lost: what cannot be saved stays in a file that is named. */
export async function editUntilSaved<T>(context: CommandContext, editor: string, edit: Edit<T>): Promise<ExitCode | void> {
  const { world, output } = context
  const unsaved = await keepUnsaved(world, edit.source, edit.text)
  for (;;) {
    const code = await openEditor(editor, unsaved.file, world)
    const text = await unsaved.read()
    if (text === edit.text) await unsaved.remove()
    if (code !== 0) return refuseEditor(editor, code, unsaved, text !== edit.text)
    if (text === edit.text) return edit.unchanged()
    // An editor that had no room to write, or a way to call an edit off, more often than a wish.
    if (text.trim() === '' && edit.text.trim() !== '') {
      await unsaved.remove()
      return end('EDITOR_EMPTIED')
    }
    const sources = { [edit.source]: text }
    const saved = await edit.save(text)
    if (saved.ok) {
      await unsaved.remove()
      return edit.saved(saved.value, sources)
    }
    output.problem(saved.problem, sources)
    if (!isMistakeInText(saved.problem) || !(await wantsToGoOn(context))) return sayKept(context, edit, unsaved, saved.problem)
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
  { output }: CommandContext,
  edit: Pick<Edit<unknown>, 'name' | 'goOnWith' | 'plaintext'>,
  { file }: UnsavedText,
  cause: Problem,
): ExitCode {
  output.problem(problemOf('EDIT_KEPT', { environment: edit.name, file, command: edit.goOnWith(file, cause) }))
  if (edit.plaintext) output.warn(`${file} holds secrets in plaintext; remove it when you are done`)
  return exitCodeOf(cause)
}

async function refuseEditor(editor: string, code: number, { file }: UnsavedText, changed: boolean): Promise<never> {
  return changed ? end('EDITOR_FAILED', { editor, code, file }) : end('EDITOR_FAILED_UNCHANGED', { editor, code })
}
