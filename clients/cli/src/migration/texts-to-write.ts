import { type Content, getPath, importsOf, joinPath, load, setPath } from '@headgate/lang'
import { Secret } from '@headgate/model'
import type { PlannedEntry, PlannedEnvironment } from '@headgate/scan'
import { assertOnlyThere } from '../environment/only-there.ts'
import { need } from '../outcome.ts'
import type { ExistingEnvironment } from './existing-environments.ts'
import type { PlannedMigration } from './plan-from-files.ts'

/** An environment as it is to be written, and the revision that was planned on. */
export interface TextToWrite {
  readonly project: string
  readonly environment: string
  readonly text: string
  /** 0 where it is new. */
  readonly expected: number
}

/**
 * The texts a migration writes. A new environment gets the planned text; of one that is there already only the
 * variables that are new or different are touched, so its comments, imports and other values stay as they are. One in
 * which nothing changes is not written.
 */
export function textsToWrite({ plan, existing }: PlannedMigration): TextToWrite[] {
  return plan.environments.flatMap((planned) => {
    const { project, environment } = planned
    const before = existing.get(environment)
    if (!before) return [{ project, environment, text: planned.text.reveal(), expected: 0 }]
    const text = mergedText(planned, before)
    return text === before.text ? [] : [{ project, environment, text, expected: before.revision }]
  })
}

function mergedText(planned: PlannedEnvironment, before: ExistingEnvironment): string {
  const written = planned.text.reveal()
  const changed = planned.entries.filter(({ change }) => change === 'new' || change === 'changed')
  const withImports = missingImports(planned, before).reduce(addImport, before.text)
  const merged = changed.reduce((text, entry) => need(setPath(text, pathOf(entry), contentOf(entry, written))), withImports)
  assertOnlyThere(before.text, merged, ['imports', ...changed.map(pathOf)])
  return merged
}

function pathOf({ key }: PlannedEntry): string {
  return joinPath(['environmentVariables', key])
}

/** What a variable becomes: a secret means exactly itself; a plain value is taken as the plan writes it, references and all. */
function contentOf(entry: PlannedEntry, planned: string): Content {
  return entry.outcome === 'secret' && entry.links.length === 0
    ? new Secret(entry.value.reveal())
    : need(getPath(planned, pathOf(entry))).node.text
}

function missingImports({ imports, environment }: PlannedEnvironment, before: ExistingEnvironment): string[] {
  const { document } = load(environment, before.text)
  const there = document ? importsOf(document).map(({ name }) => name.split('@')[0]) : []
  return imports.filter((name) => !there.includes(name))
}

function addImport(text: string, name: string): string {
  const found = getPath(text, 'imports')
  return found.ok && found.value.node.kind === 'array'
    ? need(setPath(text, `imports[${found.value.node.size}]`, name))
    : need(setPath(text, 'imports', [name]))
}
