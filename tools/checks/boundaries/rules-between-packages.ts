/** Which package may import which, and how much of it. */
import { type Access, type PackageFolder, packageTable } from './package-table.ts'
import { type Rule, allForms, importRule, isSourceOf, loadingForms, plantedImports } from './rule.ts'
import type { ResolvedImport } from './workspace.ts'

const folders = Object.keys(packageTable) as PackageFolder[]

/** The name a package is imported by. */
export function packageName(folder: PackageFolder): string {
  return folder === 'clients/cli' ? 'headgate' : `@headgate/${folder.split('/')[1]}`
}

export const rulesBetweenPackages: readonly Rule[] = folders.flatMap((from) => [
  ...folders.filter((to) => to !== from).flatMap((to) => rulesFor(from, to)),
  manifestRule(from),
])

function rulesFor(from: PackageFolder, to: PackageFolder): Rule[] {
  const access = packageTable[from]?.ours[to]
  const entries = packageTable[from]?.entries?.[to]
  const ofAccess = access === 'all' ? [] : [accessRule(from, to, access)]
  return entries === undefined ? ofAccess : [...ofAccess, entryRule(from, to, entries)]
}

function accessRule(from: PackageFolder, to: PackageFolder, access: Exclude<Access, 'all'> | undefined): Rule {
  const { reason, mayImport } = { reason: `${from} must never import ${packageTable[from]?.never ?? ''}`, mayImport: wording(to, access) }
  return importRule({
    name: `${from} imports ${mayImport}`,
    reason,
    where: isSourceOf(from),
    wrong: (each, file) =>
      reaches(each, to) && !isGranted(each, file.path, access) ? `imports ${each.specifier}; it may import ${mayImport}` : undefined,
    plants: plantedImports(`${from}/src`, packageName(to), access === undefined || isDoor(access) ? allForms : formsRefused(access)),
  })
}

function wording(to: PackageFolder, access: Exclude<Access, 'all'> | undefined): string {
  if (access === undefined) return `nothing of ${to}`
  if (access === 'types') return `only types of ${to}`
  if ('door' in access) return `${to} in ${access.door} alone`
  return `types of ${to}, and else only ${access.values.join(', ')}${access.lazily ? ' or what an import() brings' : ''}`
}

function isDoor(access: Exclude<Access, 'all'>): access is { readonly door: string } {
  return access !== 'types' && 'door' in access
}

function formsRefused(access: 'types' | { readonly lazily?: true }): typeof loadingForms {
  return access !== 'types' && access.lazily ? loadingForms.filter((form) => form !== 'lazy' && form !== 'resolve') : loadingForms
}

function reaches({ target }: ResolvedImport, to: PackageFolder): boolean {
  return target.kind === 'ours' && target.folder === to
}

function isGranted({ how, target }: ResolvedImport, file: string, access: Exclude<Access, 'all'> | undefined): boolean {
  if (access === undefined) return false
  if (access === 'types') return how === 'types'
  if ('door' in access) return file === access.door
  const entry = target.kind === 'ours' ? target.entry : ''
  return how === 'types' || access.values.includes(entry) || (access.lazily === true && how === 'lazy')
}

function entryRule(from: PackageFolder, to: PackageFolder, entries: readonly string[]): Rule {
  return importRule({
    name: `${from} imports of ${to} only ${entries.join(', ')}`,
    reason: `${from} must never import ${packageTable[from]?.never ?? ''}`,
    where: isSourceOf(from),
    wrong: (each) =>
      each.target.kind === 'ours' && each.target.folder === to && !entries.includes(each.target.entry)
        ? `imports ${each.specifier}; of ${to} it may import only ${entries.join(', ')}`
        : undefined,
    plants: plantedImports(`${from}/src`, packageName(to)),
  })
}

/** What a package.json names is installed with the package, imported or not. */
function manifestRule(from: PackageFolder): Rule {
  const reason = `${from} must never import ${packageTable[from]?.never ?? ''}`
  const forbidden = folders.filter((to) => to !== from && packageTable[from]?.ours[to] === undefined)
  const [first = from] = forbidden
  return {
    name: `the package.json of ${from} names of ours only what it may import`,
    reason,
    find: (workspace) => {
      const { dependencies, devDependencies } = workspace.package(from) ?? {}
      const named = forbidden.filter((to) => dependencies?.has(packageName(to)) || devDependencies?.has(packageName(to)))
      return named.map((to) => ({ place: `${from}/package.json`, message: `names ${packageName(to)}`, reason }))
    },
    plants: [
      {
        [`${from}/package.json`]: JSON.stringify({ name: packageName(from), dependencies: { [packageName(first)]: '0.1.0' } }),
      },
    ],
    apart: true,
  }
}
