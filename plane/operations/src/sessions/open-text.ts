import { type Document, load, open, serialise } from '@headgate/lang'
import { type Diagnostic, type Result, hasErrors, ok, refuse } from '@headgate/model'
import { refuseImport } from '../access/import-right.ts'
import type { EnvironmentHost } from '../environments/environment-host.ts'
import type { Caller } from '../plane.ts'

/** What came of opening a text: the language's own JSON of it, secrets in it. */
export interface OpenedText {
  readonly evaluation: string
  readonly diagnostics: readonly Diagnostic[]
  readonly closure: readonly string[]
}

/** Opens a text with everything it imports. Mistakes in it, and imports the caller may not open, are refusals. */
export async function openText(caller: Caller, name: string, text: string, outside: EnvironmentHost): Promise<Result<OpenedText>> {
  const { document, diagnostics } = load(name, text)
  if (!document || hasErrors(diagnostics)) return failed(name, diagnostics)
  const opened = await openDocument(document, outside)
  const refused = outside.denied()
  if (refused) return refuseImport(caller, refused, opened.diagnostics)
  const all = [...diagnostics, ...opened.diagnostics]
  if (hasErrors(all)) return failed(name, all)
  const closure = outside.loaded.map(({ project, environment, revision }) => `${project}/${environment}@${revision}`)
  return ok({ evaluation: opened.evaluation, diagnostics: all, closure })
}

async function openDocument(document: Document, { host }: EnvironmentHost) {
  const { environment, diagnostics } = await open(document, host, { trace: 'full' })
  return { diagnostics, evaluation: environment ? serialise(environment) : '{}' }
}

function failed(environment: string, diagnostics: readonly Diagnostic[]): Result<never> {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('OPEN_FAILED', { environment, count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}
