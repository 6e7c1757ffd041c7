import { type Diagnostic, hasErrors } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { checkFile } from '../environment/check-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { readSource } from '../input/read-text.ts'
import { count } from '../output/time.ts'
import type { Sources } from '../outcome.ts'

interface Checked {
  readonly file: string
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: Sources
}

/** Checks environment files one by one; the exit code is 1 where one has an error. */
export async function run({ world, output, invocation }: CommandContext): Promise<ExitCode> {
  const root = invocation.option('root')
  const checked: Checked[] = []
  for (const file of invocation.words('files')) {
    const { diagnostics, sources } = await checkFile(world, { file, source: await readSource(world, file), root })
    checked.push({ file, diagnostics, sources })
    output.diagnostics(diagnostics, sources)
  }
  const all = checked.flatMap(({ diagnostics }) => diagnostics)
  const errors = all.filter(({ severity }) => severity === 'error').length
  const document = { ok: !hasErrors(all), files: checked.map(({ file, diagnostics }) => ({ file, diagnostics })) }
  output.answer(document, () => {
    const found = `${count(errors, 'error')}, ${count(all.length - errors, 'warning')}`
    const verdict = errors > 0 ? output.paint.red(found) : all.length > 0 ? output.paint.yellow(found) : output.paint.green('no mistakes')
    return `${count(checked.length, 'file')} checked: ${verdict}\n`
  })
  return hasErrors(all) ? exitCodes.problem : exitCodes.ok
}
