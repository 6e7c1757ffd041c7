import { type Diagnostic, HeadgateError } from '@headgate/model'
import { Environment } from './environment.ts'
import { EnvironmentRun } from './eval/environment-run.ts'
import { type Mode, type Rotation, Run } from './eval/run.ts'
import type { Host, Options } from './host.ts'
import type { Document } from './syntax/document.ts'
import { joinPath, parsePath } from './yaml/document-path.ts'

export interface Evaluated {
  /** Absent for a document that has neither values nor imports. */
  readonly environment?: Environment
  /** What is wrong, in the order of files and lines; loading diagnostics of imports are among them, those of the document itself are not. */
  readonly diagnostics: readonly Diagnostic[]
}

export interface Rotated extends Evaluated {
  /** What became of each rotator that was to be rotated, ordered by path; successful ones carry the patch for `applyPatches`. */
  readonly rotations: readonly Rotation[]
}

/** Checks a document without opening anything: secrets stay sealed (unless `showSecrets`), providers are not called. */
export async function check(document: Document, host: Host, options: Options = {}): Promise<Evaluated> {
  return evaluated(await run('check', document, host, options))
}

/** Opens a document: imports merged, secrets opened, providers called. */
export async function open(document: Document, host: Host, options: Options = {}): Promise<Evaluated> {
  return evaluated(await run('open', document, host, options))
}

/**
 * Opens a document and rotates its secrets on the way.
 *
 * @param paths which, relative to `values`; none for all of them
 */
export async function rotate(document: Document, host: Host, paths: readonly string[] = [], options: Options = {}): Promise<Rotated> {
  const outcome = await run('rotate', document, host, options, selectedPaths(paths))
  const rotations = [...outcome.run.rotations.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return { ...evaluated(outcome), rotations }
}

function selectedPaths(paths: readonly string[]): ReadonlySet<string> | undefined {
  if (paths.length === 0) return undefined
  return new Set(
    paths.map((path) => {
      const parts = parsePath(path)
      if ('reason' in parts) throw new HeadgateError('PATH_INVALID', { path, reason: parts.reason })
      return joinPath(['values', ...parts])
    }),
  )
}

interface Outcome {
  readonly environment: Environment | undefined
  readonly run: Run
}

function evaluated({ environment, run: finished }: Outcome): Evaluated {
  const diagnostics = finished.collect()
  return environment ? { environment, diagnostics } : { diagnostics }
}

async function run(mode: Mode, document: Document, host: Host, options: Options, selected?: ReadonlySet<string>): Promise<Outcome> {
  const current = new Run(mode, host, options, selected)
  if (document.values.length === 0 && document.imports.length === 0) return { environment: undefined, run: current }
  const root = new EnvironmentRun(current, document.name, '', { document, diagnostics: [] }, host.crypter)
  root.withheld = host.withheld
  current.table.set(document.name, root)
  const value = await current.drive(() => root.evaluate())
  return { environment: new Environment(root, value, options.trace ?? 'none'), run: current }
}
