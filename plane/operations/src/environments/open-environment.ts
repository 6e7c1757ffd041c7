import { load, open, secretPaths, toPlain, files, variables } from '@headgate/lang'
import { type Diagnostic, hasErrors, ok, refuse, shortName } from '@headgate/model'
import { pathFilter, refuseImport } from '../access/authorise.ts'
import type { Answer } from '@headgate/contract'
import type { UseCase } from '../plane.ts'
import { closureOf, environmentHost } from './environment-host.ts'
import { findRevisionFor } from './find-revision.ts'
import { fileName, textOf } from './import-closure.ts'
import { keepPaths } from './keep-paths.ts'
import { wireJson } from './wire-json.ts'

/**
 * The values of a revision, secrets decrypted. The record of it is on disk before a value leaves. Whoever may open
 * only some paths gets those, and nothing of the rest.
 */
export const openEnvironment: UseCase<'openEnvironment'> = async (plane, caller, { params, query }) => {
  const found = await findRevisionFor(plane, caller, params, query.version)
  if (!found.ok) return found
  const { environment, revision, name } = found.value
  const { document, diagnostics: loadDiagnostics } = load(fileName(environment), textOf(plane, environment, revision))
  if (!document) return failed(shortName(params), loadDiagnostics)
  const { host, loaded, denied } = environmentHost(plane, caller, name, environment)
  const opened = await open(document, host, { trace: 'none' })
  const refusedImport = denied()
  if (refusedImport) return refuseImport(caller, refusedImport.importer, refusedImport.imported)
  const diagnostics = [...loadDiagnostics, ...opened.diagnostics]
  if (hasErrors(diagnostics)) return failed(shortName(params), diagnostics)

  const closure = closureOf(found.value, loaded)
  const values = opened.environment ? (wireJson(toPlain(opened.environment, { redact: false })) as Answer<'openEnvironment'>['values']) : {}
  const content = {
    values,
    secrets: opened.environment ? secretPaths(opened.environment) : [],
    variables: opened.environment ? [...variables(opened.environment)] : [],
    files: opened.environment ? [...files(opened.environment)] : [],
  }
  const filter = pathFilter(plane, caller, name)
  return ok({
    answer: {
      environment: shortName(params),
      revision: revision.number,
      closure,
      diagnostics,
      ...(filter ? keepPaths(content, filter) : content),
      ...(caller.pin ? { configuration: caller.pin.configuration } : {}),
    },
    details: {
      revision: revision.number,
      closure: closure.map(shortNameOfPinned),
      secrets: content.secrets.length,
      partial: filter !== undefined,
    },
  })
}

function failed(environment: string, diagnostics: readonly Diagnostic[]) {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('OPEN_FAILED', { environment, count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}

function shortNameOfPinned({ project, environment, revision }: { project: string; environment: string; revision: number }): string {
  return `${project}/${environment}@${revision}`
}
