import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { type Host, type Provider, type Rotator, check, load } from '@headgate/lang'
import { type Diagnostic, parseEnvironmentReference, shortName } from '@headgate/model'
import type { Sources } from '../outcome.ts'
import type { World } from '../world.ts'

export interface FileToCheck {
  readonly file: string
  readonly source: Buffer
  /** The folder imports are found in by their names; without it they are unknown. */
  readonly root: string | undefined
}

/**
 * Checks one file without a plane. What only a plane knows is taken as unknown: providers give anything, and what
 * depends on an import that is not found is a warning, because it may well be right.
 */
export async function checkFile(
  world: World,
  { file, source, root }: FileToCheck,
): Promise<{ diagnostics: Diagnostic[]; sources: Sources }> {
  const sources: Record<string, string> = { [file]: source.toString() }
  const { document, diagnostics } = load(file, source)
  if (!document) return { diagnostics: diagnostics.map((diagnostic) => placed(diagnostic, file)), sources }
  const unknown = new Set<string>()
  const host: Host = {
    imports: {
      async load(name) {
        const found = root === undefined ? undefined : await readImport(world, root, name)
        if (!found) {
          unknown.add(name)
          return { failure: `the environment ${name} is not here to look into` }
        }
        sources[found.name] = found.source.toString()
        return { source: found.source, resolvedName: found.name }
      },
    },
    providers: { provider: () => anyProvider, rotator: () => anyRotator },
  }
  const checked = await check(document, host, { trace: 'none' })
  const all = [...diagnostics, ...checked.diagnostics].map((diagnostic) => placed(diagnostic, file))
  return { diagnostics: unknown.size === 0 ? all : all.map((diagnostic) => soften(diagnostic, root)), sources }
}

/** An import below the root: `shop/base` is shop/base.yaml, whatever revision or tag is asked for. */
async function readImport(world: World, root: string, name: string): Promise<{ name: string; source: Buffer } | undefined> {
  const reference = parseEnvironmentReference(name, { organisation: 'unknown' })
  if (!reference.ok) return undefined
  const { version: _, ...environment } = reference.value
  const path = resolve(world.cwd, root, `${join(...shortName(environment).split('/'))}.yaml`)
  try {
    return { name: relative(world.cwd, path), source: await readFile(path) }
  } catch {
    return undefined
  }
}

/** A mistake that has no place of its own, as those of YAML itself, at the line its message names, so that the file is told. */
function placed(diagnostic: Diagnostic, file: string): Diagnostic {
  if (diagnostic.range) return diagnostic
  const line = Number(/^yaml: line ([0-9]+): /.exec(diagnostic.message)?.[1] ?? 1)
  const at = { line, column: 1, byte: 0 }
  return { ...diagnostic, range: { file, begin: at, end: at } }
}

function soften(diagnostic: Diagnostic, root: string | undefined): Diagnostic {
  if (diagnostic.code !== 'LANG_IMPORT' && diagnostic.code !== 'LANG_REFERENCE') return diagnostic
  const hint = root === undefined ? 'name the folder the imports are in with --root' : `the plane may have it; below ${root} it is not`
  return { ...diagnostic, severity: 'warning', hint: diagnostic.hint ?? hint }
}

/** Checking asks providers for their schemas only. */
const opensNothing = async () => ({ failure: 'nothing is opened here' })
const anyProvider: Provider = { schema: () => ({ inputs: true, outputs: true }), open: opensNothing }
const anyRotator: Rotator = { schema: () => ({ inputs: true, state: true, outputs: true }), open: opensNothing, rotate: opensNothing }
