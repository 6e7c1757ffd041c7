import { importsOf, load } from '@headgate/lang'
import { parseEnvironmentReference } from '@headgate/model'
import type { EnvironmentRow } from '@headgate/store'
import { fileName, textOf } from '../environments/import-closure.ts'
import type { Plane } from '../plane.ts'

/** Environments whose imports are remembered. */
const LIMIT = 100_000

/** What the newest revision of an environment imports, by names as `project/environment`. A revision never changes, so it is read once. */
export interface KeptImports {
  get(plane: Plane, environment: EnvironmentRow): Promise<readonly string[]>
}

export function keepImports(): KeptImports {
  const known = new Map<string, { readonly revision: number; readonly names: readonly string[] }>()
  return {
    async get(plane, environment) {
      const kept = known.get(environment.id)
      if (kept?.revision === environment.head_revision) return kept.names
      const names = await readImports(plane, environment)
      if (known.size >= LIMIT) known.clear()
      known.set(environment.id, { revision: environment.head_revision, names })
      return names
    },
  }
}

async function readImports(plane: Plane, environment: EnvironmentRow): Promise<readonly string[]> {
  const head = await plane.store.revisions.get(environment.id, environment.head_revision)
  const { document } = head ? load(fileName(environment), textOf(plane, environment, head)) : { document: undefined }
  const names = (document ? importsOf(document) : []).flatMap(({ name }) => {
    const reference = parseEnvironmentReference(name, { organisation: plane.organisation.name })
    return reference.ok ? [`${reference.value.project}/${reference.value.environment}`] : []
  })
  return [...new Set(names)]
}
