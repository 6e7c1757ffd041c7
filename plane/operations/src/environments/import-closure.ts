import { importsOf, load } from '@headgate/lang'
import type { EnvironmentName } from '@headgate/model'
import type { EnvironmentRow, RevisionRow } from '@headgate/store'
import type { Plane } from '../plane.ts'
import { type FoundRevision, findReference, nameOf } from './find-revision.ts'

/** Imports nest; a chain longer than this is refused by the language too. */
const DEPTH_LIMIT = 200

/** The text of a revision, its secrets sealed. */
export function textOf(plane: Plane, environment: EnvironmentRow, revision: RevisionRow): string {
  return plane.vault.openText({ organisation: environment.organisation, environment: environment.id }, revision)
}

/** The environments a revision imports, by name or by tag, as far as they exist; nothing is decided about rights. */
export async function importsOfRevision(plane: Plane, environment: EnvironmentRow, revision: RevisionRow): Promise<FoundRevision[]> {
  const { document } = load(fileName(environment), textOf(plane, environment, revision))
  if (!document) return []
  const found = await Promise.all(importsOf(document).map(({ name }) => findReference(plane, name)))
  return found.flatMap((result) => (result.ok ? [result.value] : []))
}

/** The ids of every environment whose change can change the values of this one, itself included. */
export async function importClosure(plane: Plane, environment: EnvironmentRow): Promise<Set<string>> {
  const seen = new Set<string>([environment.id])
  let level = [environment]
  for (let depth = 0; level.length > 0 && depth < DEPTH_LIMIT; depth++) {
    const imported = await Promise.all(
      level.map(async (row) => {
        const head = await plane.store.revisions.get(row.id, row.head_revision)
        return head ? importsOfRevision(plane, row, head) : []
      }),
    )
    level = imported
      .flat()
      .map((found) => found.environment)
      .filter((row) => !seen.has(row.id) && seen.add(row.id))
  }
  return seen
}

/** The environments whose newest revision imports this one directly. */
export async function importersOf(plane: Plane, imported: EnvironmentRow): Promise<EnvironmentName[]> {
  const rows = await plane.store.environments.list(imported.organisation, {})
  const importers = await Promise.all(
    rows
      .filter((row) => row.id !== imported.id)
      .map(async (row) => {
        const head = await plane.store.revisions.get(row.id, row.head_revision)
        const imports = head ? await importsOfRevision(plane, row, head) : []
        return imports.some((found) => found.environment.id === imported.id) ? [nameOf(plane, row)] : []
      }),
  )
  return importers.flat()
}

/** What an environment is called in ranges and diagnostics. */
export function fileName(environment: Pick<EnvironmentRow, 'project' | 'name'>): string {
  return `${environment.project}/${environment.name}`
}
