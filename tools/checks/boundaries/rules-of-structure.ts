/** What holds for every package alike: how far an import may reach, what must be declared, and no circles. */
import type { Finding } from '../finding.ts'
import { findCycles } from './cycles.ts'
import { type LightFile, lightFiles, outerFolders, packageTable } from './package-table.ts'
import { type Plant, type Rule, exampleOf, importRule, isSource, matches, plantedFile, plantedImports } from './rule.ts'
import { type File, type ResolvedImport, type Workspace, moduleName, reachedPath } from './workspace.ts'

function knownPackages(): Rule {
  const reason = 'the table decides who may import what, so a package it does not know could import anything'
  return {
    name: 'every package stands in the package table',
    reason,
    find: (workspace) =>
      [...new Set([...workspace.packages.map(({ folder }) => folder), ...workspace.files.filter(isSource).map(({ owner }) => owner)])]
        .filter((folder) => !(folder in packageTable))
        .map((folder) => ({
          place: folder,
          message: 'is no package of the table',
          reason,
          hint: 'extend tools/checks/boundaries/package-table.ts first',
        })),
    plants: [{ 'core/planted/src/index.ts': 'export {}\n' }, { 'plane/planted/package.json': '{"name":"@headgate/planted"}' }].map(
      inFolder,
    ),
    apart: true,
  }
}

/** The finding of that rule is placed in the folder, not in a file. */
function inFolder(plant: Plant): Plant {
  const [path = ''] = Object.keys(plant)
  return { [path.split('/').slice(0, 2).join('/')]: '', ...plant }
}

function fileTarget({ target }: ResolvedImport): string | undefined {
  return target.kind === 'file' ? target.owner : undefined
}

function outerFolder(folder: string): Rule {
  return importRule({
    name: `nothing that runs imports ${folder}/`,
    reason: 'what is outside the packages may import anything, and is not published with them',
    where: isSource,
    wrong: (each) => (fileTarget(each) === folder ? `imports ${each.specifier}` : undefined),
    plants: plantedImports('core/lang/src', `../../../${folder}/here.ts`),
  })
}

function testsImportOnlyTheirKits(): Rule {
  const closed: readonly string[] = outerFolders.filter((folder) => folder !== 'test' && folder !== 'docs')
  return importRule({
    name: 'the tests of a package import of the outer folders only test/ and docs/',
    reason:
      'the kits tests share live in test/, and docs/ is compared with the code; the other folders import anything, and nothing imports them',
    where: (file) => file.part === 'tests',
    wrong: (each) => (closed.includes(fileTarget(each) ?? '') ? `imports ${each.specifier}` : undefined),
    plants: plantedImports('core/lang/test', '../../../tools/here.ts'),
  })
}

function sourcesImportNoTests(): Rule {
  return importRule({
    name: 'nothing that runs imports a test',
    reason: 'tests are not published',
    where: isSource,
    wrong: ({ specifier, target }) =>
      target.kind === 'file' && /^(?:core|plane|clients)\/[^/]+\/test\//.test(target.path) ? `imports ${specifier}` : undefined,
    plants: plantedImports('core/lang/src', '../test/here.ts'),
  })
}

function byPathWithinThePackage(): Rule {
  return importRule({
    name: 'a package is imported by its name, never by a path',
    reason: 'what a package does not export is its own to change, and a path into it goes around its package.json',
    where: (file) => file.part !== 'outer',
    wrong: (each, file) => {
      const owner = fileTarget(each)
      return owner !== undefined && owner !== file.owner && owner.includes('/') ? `reaches into ${owner} by ${each.specifier}` : undefined
    },
    plants: [
      ...plantedImports('plane/vault/src', '../../store/src/index.ts'),
      plantedFile('plane/vault/src', "export const there = new URL('../../store/src/index.ts', import.meta.url)"),
      ...plantedImports('plane/vault/test', '../../store/src/index.ts'),
    ],
  })
}

function byNameThroughExports(): Rule {
  return importRule({
    name: 'of a package only what it exports is imported',
    reason: 'what a package does not export is its own to change',
    where: (file) => file.part !== 'outer' || file.owner === 'examples',
    wrong: ({ specifier, target }) =>
      target.kind === 'ours' && target.path === undefined
        ? `imports ${specifier}, which ${target.folder}/package.json does not export`
        : undefined,
    plants: [
      ...plantedImports('plane/vault/src', '@headgate/store/src/index.ts'),
      ...plantedImports('plane/vault/src', '@headgate/store/planted'),
    ],
  })
}

function testsStayInTheirLayer(layer: string, granted: readonly string[]): Rule {
  return importRule({
    name: `the tests of ${layer} import of ours only ${granted.join(' and ')}`,
    reason: 'a package must be testable without what stands above it; what needs more is an end-to-end test and lives in e2e/',
    where: (file) => file.part === 'tests' && file.owner.startsWith(`${layer}/`),
    wrong: ({ specifier, target }) =>
      target.kind === 'ours' && !granted.includes(target.folder.split('/')[0] ?? '') ? `imports ${specifier}` : undefined,
    plants: plantedImports(layer === 'core' ? 'core/lang/test' : 'plane/store/test', '@headgate/sdk'),
  })
}

function publishedOnly(): Rule {
  const isExample = (file: File): boolean => file.owner === 'examples' || /^tools\/start(?:\.ts$|\/)/.test(file.path)
  return importRule({
    name: 'examples/ and npm start use only the published command and SDK',
    reason: 'what they show must work for somebody who has nothing but the packages',
    where: isExample,
    wrong: ({ specifier, target }) => {
      if (target.kind === 'ours')
        return target.folder === 'clients/sdk' ? undefined : `imports ${specifier}; of ours it may import @headgate/sdk`
      return target.kind === 'file' && target.owner.includes('/') ? `reaches into ${target.owner} by ${specifier}` : undefined
    },
    plants: [
      ...plantedImports('examples/planted', '@headgate/model'),
      ...plantedImports('tools/start', '@headgate/main'),
      ...plantedImports('examples/planted', '../../clients/sdk/src/index.ts'),
    ],
  })
}

function declared(): Rule {
  return importRule({
    name: 'what is imported is declared',
    reason:
      'a module that is only there because another package brought it disappears with it, and is missing where this one is installed alone',
    where: (file) => file.part !== 'outer',
    wrong: undeclared,
    plants: [
      ...plantedImports('plane/store/src', 'planted-module'),
      ...plantedImports('plane/store/test', 'planted-module'),
      ...plantedImports('plane/store/src', 'fast-check'),
    ],
  })
}

function undeclared({ specifier, target, how }: ResolvedImport, file: File, workspace: Workspace): string | undefined {
  if (target.kind !== 'npm' && target.kind !== 'ours') return undefined
  if (target.kind === 'ours' && (file.part === 'tests' || target.folder === file.owner)) return undefined
  const { dependencies, devDependencies } = workspace.package(file.owner) ?? {}
  const module = moduleName(specifier)
  if (dependencies?.has(module)) return undefined
  if ((file.part === 'tests' || how === 'types') && devDependencies?.has(module)) return undefined
  if (file.part === 'tests' && workspace.shared.has(module)) return undefined
  return `imports ${specifier}, which ${file.owner}/package.json does not name`
}

function noCirclesOfPackages(): Rule {
  const reason = 'packages in a circle can only be understood, tested and published together'
  return {
    name: 'packages import one another in no circle',
    reason,
    find: (workspace) => {
      const sources = workspace.files.filter(isSource)
      const graph = new Map(workspace.packages.map(({ folder }) => [folder, new Set<string>()]))
      for (const { owner, imports } of sources) {
        for (const { target } of imports) if (target.kind === 'ours' && target.folder !== owner) graph.get(owner)?.add(target.folder)
      }
      return findCycles(graph).map((cycle) => circle(cycle, reason))
    },
    plants: [
      {
        'core/lang': '',
        'core/lang/src/planted.ts': "export * from '@headgate/scan'\n",
        'core/scan/src/planted.ts': "import type { Here } from '@headgate/lang'\nexport type There = Here\n",
      },
    ],
    apart: true,
  }
}

/**
 * An evaluator is recursive: an expression calls the builtin it is, which evaluates its arguments. These files hold only
 * functions and classes that call each other once all of them are loaded, so the order of loading decides nothing.
 */
const RECURSIVE = 'core/lang/src/eval/'

function noCirclesOfFiles(): Rule {
  const reason = 'files in a circle are loaded in an order nobody chose, and one of them sees the other half made'
  return {
    name: 'files import one another in no circle',
    reason,
    find: (workspace) => {
      const graph = new Map(workspace.files.map((file) => [file.path, new Set(loadedBy(file))]))
      const cycles = findCycles(graph).filter((cycle) => !cycle.every((path) => path.startsWith(RECURSIVE)))
      return cycles.map((cycle) => circle(cycle, reason))
    },
    plants: [
      {
        'core/lang/src/planted-a.ts': "export * from './planted-b.ts'\n",
        'core/lang/src/planted-b.ts': "export * from './planted-c.ts'\n",
        'core/lang/src/planted-c.ts': "import './planted-a.ts'\n",
      },
    ],
    apart: true,
  }
}

function circle(cycle: readonly string[], reason: string): Finding {
  const [first = ''] = cycle
  return { place: first, message: `is in a circle: ${[...cycle, first].join(' → ')}`, reason }
}

/** The files of ours that are loaded together with a file. */
function loadedBy(file: File): string[] {
  return file.imports.filter(({ how }) => how === 'static').flatMap((each) => reachedPath(each) ?? [])
}

function light({ file: start, without, reason }: LightFile): Rule {
  return {
    name: `${start} loads nothing of ${without.join(', ')}`,
    reason,
    find: (workspace) =>
      reachable(workspace, start).flatMap(({ file, way }) => heavyImports(file, without).map((each) => heavy(start, way, each, reason))),
    plants: without.map((name) => ({
      [start]: `import './planted-light.ts'\n`,
      [`${start.slice(0, start.lastIndexOf('/'))}/planted-light.ts`]: `import '${heavyExample(name)}'\n`,
    })),
    apart: true,
  }
}

function heavyExample(name: string): string {
  if (name === 'node:*') return 'node:fs'
  return /^(?:core|plane|clients)\//.test(name) ? `@headgate/${exampleOf(name).split('/')[1]?.replace('planted', 'main')}` : name
}

function heavyImports(file: File, without: readonly string[]): ResolvedImport[] {
  return file.imports.filter(({ how, target }) => {
    const name = target.kind === 'file' ? target.owner : target.kind === 'ours' ? target.folder : target.module
    return how === 'static' && without.some((pattern) => matches(pattern, name))
  })
}

function heavy(start: string, way: readonly string[], { specifier, line }: ResolvedImport, reason: string): Finding {
  const last = way.at(-1) ?? start
  const through = way.length === 0 ? '' : `, through ${way.join(', ')}`
  return { place: start, message: `loads ${specifier}${through} (${last}:${line})`, reason }
}

/** Every file that is loaded with the first, and the way to it. */
function reachable(workspace: Workspace, start: string): { file: File; way: readonly string[] }[] {
  const first = workspace.file(start)
  if (first === undefined) return []
  const found = [{ file: first, way: [] as readonly string[] }]
  const seen = new Set([start])
  for (const { file, way } of found) {
    for (const path of loadedBy(file)) {
      const next = workspace.file(path)
      if (next === undefined || seen.has(path)) continue
      seen.add(path)
      found.push({ file: next, way: [...way, path] })
    }
  }
  return found
}

export const rulesOfStructure: readonly Rule[] = [
  knownPackages(),
  ...outerFolders.map(outerFolder),
  testsImportOnlyTheirKits(),
  sourcesImportNoTests(),
  byPathWithinThePackage(),
  byNameThroughExports(),
  testsStayInTheirLayer('core', ['core']),
  testsStayInTheirLayer('plane', ['core', 'plane']),
  publishedOnly(),
  declared(),
  noCirclesOfPackages(),
  noCirclesOfFiles(),
  ...lightFiles.map(light),
]
