/** The sources of the repository as packages, files and the arrows between them. */
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { type GlobalUse, readGlobals } from '../sources/globals.ts'
import { type Import, readImports } from '../sources/imports.ts'
import { readSources } from '../sources/source.ts'

export interface Workspace {
  readonly packages: readonly Package[]
  readonly files: readonly File[]
  /** What the root's package.json brings; tests may use it. */
  readonly shared: ReadonlySet<string>
  /** The file of that path, if it is a program of ours. */
  file(path: string): File | undefined
  /** The package of that folder, as `core/model`. */
  package(folder: string): Package | undefined
}

export interface Package {
  readonly folder: string
  readonly name: string
  /** Entry to its source file, as `./http` to `src/http.ts`. */
  readonly entries: ReadonlyMap<string, string>
  readonly dependencies: ReadonlySet<string>
  readonly devDependencies: ReadonlySet<string>
}

export interface File {
  readonly path: string
  /** The folder of the package it belongs to, or the outer folder: `core/model`, `test`. */
  readonly owner: string
  /** `sources` are what runs; `tests` are a package's own tests; `outer` is all that is no package. */
  readonly part: 'sources' | 'tests' | 'outer'
  readonly imports: readonly ResolvedImport[]
  readonly globals: readonly GlobalUse[]
}

export interface ResolvedImport extends Import {
  readonly target: Target
}

/** What an import reaches. */
export type Target =
  /** A package by its name. `path` is the source behind the entry, undefined where the package has no such entry. */
  | { readonly kind: 'ours'; readonly folder: string; readonly entry: string; readonly path: string | undefined }
  /** A file by its path. */
  | { readonly kind: 'file'; readonly path: string; readonly owner: string }
  | { readonly kind: 'node'; readonly module: string }
  | { readonly kind: 'npm'; readonly module: string }

export function readWorkspace(repository: string): Workspace {
  const packages = readPackages(repository)
  const byName = new Map(packages.map((each) => [each.name, each]))
  const files = readSources(repository).map((source): File => {
    const owner = ownerOf(source.path)
    const imports = readImports(source).map((each) => ({ ...each, target: resolveTarget(source.path, each.specifier, byName) }))
    return { path: source.path, owner, part: partOf(source.path), imports, globals: readGlobals(source) }
  })
  const byPath = new Map(files.map((file) => [file.path, file]))
  const byFolder = new Map(packages.map((each) => [each.folder, each]))
  const root = readManifest(repository)
  const shared = new Set(Object.keys({ ...root.dependencies, ...root.devDependencies }))
  return { packages, files, shared, file: (path) => byPath.get(path), package: (folder) => byFolder.get(folder) }
}

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, { readonly source?: string } | string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function readPackages(repository: string): Package[] {
  const manifests = globSync('{core,plane,clients}/*/package.json', { cwd: repository }).map((path) => path.replaceAll('\\', '/'))
  return manifests.toSorted().map((path) => {
    const folder = posix.dirname(path)
    const {
      name,
      exports = {},
      dependencies,
      optionalDependencies,
      peerDependencies,
      devDependencies,
    } = readManifest(join(repository, folder))
    const entries = Object.entries(exports).flatMap(([entry, to]) => {
      const source = typeof to === 'string' ? to : to.source
      return source === undefined ? [] : [[entry, posix.join(folder, source)] as const]
    })
    return {
      folder,
      name,
      entries: new Map(entries),
      dependencies: new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })),
      devDependencies: new Set(Object.keys(devDependencies ?? {})),
    }
  })
}

/** `core/model/src/ids.ts` belongs to `core/model`, `test/eventually.ts` to `test`. */
export function ownerOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return ['core', 'plane', 'clients'].includes(first) ? `${first}/${second}` : first
}

function partOf(path: string): File['part'] {
  if (!/^(?:core|plane|clients)\//.test(path)) return 'outer'
  return path.split('/')[2] === 'test' ? 'tests' : 'sources'
}

function resolveTarget(from: string, specifier: string, byName: ReadonlyMap<string, Package>): Target {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) {
    const path = posix.join(posix.dirname(from), specifier)
    return { kind: 'file', path, owner: ownerOf(path) }
  }
  if (isBuiltin(specifier)) return { kind: 'node', module: specifier.startsWith('node:') ? specifier : `node:${specifier}` }
  const module = moduleName(specifier)
  const ours = byName.get(module)
  if (ours === undefined) return { kind: 'npm', module }
  const entry = `.${specifier.slice(module.length)}`
  return { kind: 'ours', folder: ours.folder, entry, path: ours.entries.get(entry) }
}

/** `@scope/name/deep` is of the module `@scope/name`. */
export function moduleName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The file an import reaches, if it is one of ours. */
export function reachedPath({ target }: ResolvedImport): string | undefined {
  return target.kind === 'file' || target.kind === 'ours' ? target.path : undefined
}
