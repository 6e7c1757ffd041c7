import { type Environment, load, open, secretPaths, toPlain, files, unknownPaths, variables } from '@headgate/lang'
import { type Diagnostic, type Result, hasErrors, ok, refuse, shortName } from '@headgate/model'
import { mayOn, pathFilter } from '../access/authorise.ts'
import { refuseImport } from '../access/import-right.ts'
import type { Opening } from '../kept/kept-openings.ts'
import { Rendered } from '../kept/rendered.ts'
import type { Caller, RunningPlane, UseCase } from '../plane.ts'
import { type Pinned, closureOf, environmentHost } from './environment-host.ts'
import { type FoundRevision, type LocatedRevision, locateReference, locateRevisionFor, nameOf, readLocated } from './find-revision.ts'
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
    return opened.ok ? ok({ answer: new Rendered(opened.value.content), details: opened.value.details }) : opened
  }
  // Its own name is in the answer, and the caller's name and id may be, because a text can ask for them.
  const key = `${environment.id}@${number} ${shortName(name)} ${caller.principal} ${caller.pin?.configuration ?? ''} ${caller.name}`
  let refused: Result<never> | undefined
  const opening = await plane.kept.openings.get(
    key,
    // Most import nothing, and then nothing is waited for.
    (kept) => kept.imports.length === 0 || stillCounts(plane, caller, kept),
    async () => {
      const opened = await openAnew(plane, caller, located.value)
      if (!opened.ok) refused = opened
      return opened.ok ? opened.value : undefined
    },
  )
  if (opening) return ok({ answer: new Rendered(opening.content), details: opening.details })
  return refused ?? refuse('ENV_NOT_FOUND', { environment: shortName(params) })
}

/** Values as they are told, with what was noticed while they came about. */
type Told = Content & { readonly diagnostics: readonly Diagnostic[] }

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
async function openAnew(plane: RunningPlane, caller: Caller, located: LocatedRevision, allowed?: PathFilter): Promise<Result<Opening>> {
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
  return ok({ ...told(caller, found.value, closureOf(found.value, loaded), content, partial), imports, lasting })
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
function cutTo(content: Told, environment: Environment | undefined, file: string, allowed: PathFilter): Told {
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

/** The answer as JSON, and what the audit record says of it. */
function told(
  caller: Caller,
  { name, revision: { number } }: FoundRevision,
  closure: readonly Pinned[],
  content: Told,
  partial: boolean,
): Pick<Opening, 'content' | 'details'> {
  const answer = {
    environment: shortName(name),
    revision: number,
    closure,
    ...(caller.pin ? { configuration: caller.pin.configuration } : {}),
    ...content,
  }
  return {
    content: JSON.stringify(answer),
    details: { revision: number, closure: closure.map(shortNameOfPinned), secrets: content.secrets.length, partial },
  }
}

function failed(environment: string, diagnostics: readonly Diagnostic[]) {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('OPEN_FAILED', { environment, count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}

function shortNameOfPinned({ project, environment, revision }: Pick<Pinned, 'project' | 'environment' | 'revision'>): string {
  return `${project}/${environment}@${revision}`
}
