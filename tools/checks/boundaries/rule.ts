import type { Finding } from '../finding.ts'
import type { File, ResolvedImport, Workspace } from './workspace.ts'

/** Files to add to a healthy tree so that the rule is broken: path to text. */
export type Plant = Readonly<Record<string, string>>

/** One boundary. It carries its reason, and violations of itself: a test plants each and sees the rule find it. */
export interface Rule {
  readonly name: string
  readonly reason: string
  find(workspace: Workspace): Finding[]
  /** Each breaks the rule by itself, and the finding is placed in the first of its files. */
  readonly plants: readonly Plant[]
  /** Set where the plants would disturb one another in one tree. */
  readonly apart?: true
}

interface ImportRule {
  readonly name: string
  readonly reason: string
  /** The files the rule is about. */
  readonly where: (file: File) => boolean
  /** What is wrong with an import, as the end of the sentence that begins with the file; undefined if nothing is. */
  readonly wrong: (each: ResolvedImport, file: File, workspace: Workspace) => string | undefined
  readonly plants: readonly Plant[]
}

/** A rule about single imports. */
export function importRule({ name, reason, where, wrong, plants }: ImportRule): Rule {
  const find = (workspace: Workspace): Finding[] =>
    workspace.files.filter(where).flatMap((file) =>
      file.imports.flatMap((each) => {
        const message = wrong(each, file, workspace)
        return message === undefined ? [] : [{ place: `${file.path}:${each.line}`, message, reason }]
      }),
    )
  return { name, reason, find, plants }
}

/** Whether the file is what runs of that package. */
export function isSourceOf(folder: string): (file: File) => boolean {
  return (file) => file.part === 'sources' && file.owner === folder
}

export function isSource(file: File): boolean {
  return file.part === 'sources'
}

/** Whether a name is meant by a pattern: itself, or all that begins as the pattern does before its `*`. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

/** A module's name that a pattern means. */
export function exampleOf(pattern: string): string {
  return pattern.replace(/\*$/, 'planted')
}

let planted = 0

/** A file of its own below the folder. */
export function plantedFile(folder: string, text: string): Plant {
  planted += 1
  return { [`${folder}/planted-${planted}.ts`]: `${text}\n` }
}

/** The same forbidden import in every way it can be written, each in a file of its own. */
export function plantedImports(folder: string, specifier: string, forms: readonly (keyof typeof importForms)[] = allForms): Plant[] {
  return forms.map((form) => plantedFile(folder, importForms[form](specifier)))
}

const importForms = {
  named: (module: string) => `import { here } from '${module}'\nexport const there = here`,
  namespace: (module: string) => `import * as all from '${module}'\nexport const there = all`,
  effect: (module: string) => `import '${module}'`,
  'inline type': (module: string) => `import { type Here } from '${module}'\nexport type There = Here`,
  'export from': (module: string) => `export * from '${module}'`,
  lazy: (module: string) => `export const there = await import('${module}')`,
  resolve: (module: string) => `export const there = import.meta.resolve('${module}')`,
  type: (module: string) => `import type { Here } from '${module}'\nexport type There = Here`,
  'type of import': (module: string) => `export type There = import('${module}').Here`,
}

export const allForms = Object.keys(importForms) as (keyof typeof importForms)[]

/** The ways that load the module; the others are gone with the types. */
export const loadingForms = allForms.filter((form) => form !== 'type' && form !== 'type of import')

/** Those of them that load it with the file, and not when a line runs. */
export const staticForms = loadingForms.filter((form) => form !== 'lazy' && form !== 'resolve')
