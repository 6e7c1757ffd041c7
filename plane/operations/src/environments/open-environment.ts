import { type Environment, load, open, secretPaths, toPlain, files, unknownPaths, variables } from '@headgate/lang'
import { type Diagnostic, type Result, hasErrors, ok, refuse, shortName } from '@headgate/model'
import { mayOn, pathFilter } from '../access/authorise.ts'
import { refuseImport } from '../access/import-right.ts'
import type { Answer } from '@headgate/contract'
import type { Opening } from '../kept/kept-openings.ts'
import { Rendered } from '../kept/rendered.ts'
import type { Caller, Outcome, RunningPlane, UseCase } from '../plane.ts'
import { type Pinned, closureOf, environmentHost } from './environment-host.ts'
import { type LocatedRevision, locateReference, locateRevisionFor, nameOf, readLocated } from './find-revision.ts'
import { fileName, textOf } from './import-closure.ts'
import { type Content, type PathFilter, keepDiagnostics, keepPaths, leftOut, within } from './keep-paths.ts'
import { wireJson } from './wire-json.ts'

/**
 * The values of a revision, secrets decrypted. The record of it is on disk before a value leaves. Whoever may open
 * only some paths gets those, and nothing of the rest.
 */
export const openEnvironment: UseCase<'openEnvironment'> = async (plane, caller, { params, query }) => {
  const located = await locateRevisionFor(plane, caller, params, query.version)
  if (!located.ok) return located
  const { environment, name, number } = located.value
  const filter = pathFilter(plane, caller, name)
  if (filter) {
    const opened = await openAnew(plane, caller, located.value, filter)
    return opened.ok ? outcome(caller, located.value, JSON.stringify(opened.value.content), opened.value) : opened
  }
  // The caller's name and id are in it, because a text may ask for them.
  const key = `${environment.id}@${number} ${caller.principal} ${caller.pin?.configuration ?? ''} ${caller.name}`
  let refused: Result<never> | undefined
  const opening = await plane.kept.openings.get(
    key,
    (kept) => stillCounts(plane, caller, kept),
    async () => {
      const opened = await openAnew(plane, caller, located.value)
      if (!opened.ok) refused = opened
      return opened.ok ? { ...opened.value, content: JSON.stringify(opened.value.content) } : undefined
    },
  )
  if (opening) return outcome(caller, located.value, opening.content, opening)
  return refused ?? refuse('ENV_NOT_FOUND', { environment: shortName(params) })
}

interface Opened extends Omit<Opening, 'content'> {
  readonly content: Content & { readonly diagnostics: readonly Diagnostic[] }
}

/** Whether every import is the revision it was, and this caller may open it. */
async function stillCounts(plane: RunningPlane, caller: Caller, { imports }: Pick<Opening, 'imports'>): Promise<boolean> {
  for (const { reference, environment, revision } of imports) {
    const now = await locateReference(plane, reference, caller)
    if (!now.ok || now.value.environment.id !== environment || now.value.number !== revision) return false
    if (!mayOn(plane, caller, 'open', now.value.name)) return false
  }
  return true
}

/** @param allowed the paths the caller may open; absent for all of the environment itself */
async function openAnew(plane: RunningPlane, caller: Caller, located: LocatedRevision, allowed?: PathFilter): Promise<Result<Opened>> {
  const found = await readLocated(plane, located)
  if (!found.ok) return found
  const { environment, revision, name } = found.value
  const { document, diagnostics: loadDiagnostics } = loadKept(plane, fileName(environment), textOf(plane, environment, revision))
  const called = shortName(nameOf(plane, environment))
  if (!document) return failed(called, allowed ? keepDiagnostics(loadDiagnostics, called, allowed) : loadDiagnostics)
  const { host, loaded, imports, asked, denied, withheld } = environmentHost(plane, caller, name, environment)
  const opened = await open(document, host, { trace: 'none', trees: plane.kept.trees })
  const refusedImport = denied()
  if (refusedImport) return refuseImport(caller, refusedImport, opened.diagnostics)
  const diagnostics = [...loadDiagnostics, ...opened.diagnostics]
  const all = { ...contentOf(opened.environment), diagnostics }
  const content = withheld() ? cutTo(all, opened.environment, called, allowed ?? (() => true)) : all
  if (hasErrors(content.diagnostics)) return failed(called, content.diagnostics)
  const partial = withheld()
  // What a provider answers is as old as the moment it is asked.
  const lasting = !partial && asked.length === 0
  return ok({ content, closure: closureOf(found.value, loaded), secrets: content.secrets.length, imports, partial, lasting })
}

function contentOf(environment: Environment | undefined): Content {
  if (!environment) return { values: {}, secrets: [], variables: [], files: [] }
  return {
    values: wireJson(toPlain(environment, { redact: false })) as Content['values'],
    secrets: secretPaths(environment),
    variables: [...variables(environment)],
    files: [...files(environment)],
  }
}

/** What is left for somebody from whom something is kept: the allowed paths that nothing withheld went into. */
function cutTo(content: Opened['content'], environment: Environment | undefined, file: string, allowed: PathFilter): Opened['content'] {
  const unknown = environment ? unknownPaths(environment) : []
  const hidden = within(unknown)
  const kept = keepPaths(content, (path) => allowed(path) && !hidden(path))
  return { ...kept, diagnostics: [...keepDiagnostics(content.diagnostics, file, allowed), ...leftOut(unknown, allowed)] }
}

/** A text is parsed once, however often it is opened. */
function loadKept({ kept }: RunningPlane, name: string, text: string): ReturnType<typeof load> {
  const known = kept.trees.get(name, text)
  if (known) return known
  const loaded = load(name, text)
  kept.trees.set(name, text, loaded)
  return loaded
}

/** @param content the JSON object of the values, to which what is of this request is added */
function outcome(
  caller: Caller,
  { name, number }: LocatedRevision,
  content: string,
  { closure, secrets, partial }: Pick<Opening, 'closure' | 'secrets' | 'partial'>,
): Result<Outcome<Answer<'openEnvironment'>>> {
  const own = {
    environment: shortName(name),
    revision: number,
    closure,
    ...(caller.pin ? { configuration: caller.pin.configuration } : {}),
  }
  return ok({
    answer: new Rendered(`${JSON.stringify(own).slice(0, -1)},${content.slice(1)}`),
    details: { revision: number, closure: closure.map(shortNameOfPinned), secrets, partial },
  })
}

function failed(environment: string, diagnostics: readonly Diagnostic[]) {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('OPEN_FAILED', { environment, count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}

function shortNameOfPinned({ project, environment, revision }: Pick<Pinned, 'project' | 'environment' | 'revision'>): string {
  return `${project}/${environment}@${revision}`
}
