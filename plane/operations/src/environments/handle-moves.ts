import { listSealed, valuePath } from '@headgate/lang'
import type { EnvironmentRow, Fields } from '@headgate/store'
import { mayOn, pathFilter } from '../access/authorise.ts'
import type { Caller, Plane } from '../plane.ts'
import { nameOf } from './find-revision.ts'
import { textOf } from './import-closure.ts'

/** Revisions in which a sealed value is looked for, the newest first. */
const HISTORY = 100

/**
 * Whether a writer may let a sealed value stand at a place. Rights are on paths, so whoever may not open a value must not
 * carry it to a path where they, or somebody else, may. Where it stood before, it may stand again.
 *
 * @param handle the value's record id, and `path` where the document has it
 */
export type MayStand = (handle: string, path: string) => Promise<boolean>

export function handleMoves(plane: Plane, caller: Caller, environment: Fields<EnvironmentRow>): MayStand {
  const name = nameOf(plane, environment)
  if (mayOn(plane, caller, 'open', name)) return async () => true
  const allowed = pathFilter(plane, caller, name) ?? (() => true)
  const mayOpen = (path: string): boolean => {
    const inside = valuePath(path)
    return inside !== undefined && allowed(inside)
  }
  const places = placesIn(plane, environment)
  return async (handle, path) => {
    for await (const revision of places()) {
      const stood = revision.get(handle) ?? []
      if (stood.some((place) => place === path || mayOpen(place))) return true
    }
    return false
  }
}

type Places = ReadonlyMap<string, readonly string[]>

/** Where each sealed value stood, revision by revision; each is read once. */
function placesIn(plane: Plane, environment: Fields<EnvironmentRow>): () => AsyncIterable<Places> {
  const read: Places[] = []
  const numbers = Array.from({ length: Math.min(HISTORY, environment.head_revision) }, (_, i) => environment.head_revision - i)
  return async function* () {
    for (const [i, number] of numbers.entries()) yield (read[i] ??= await placesOf(plane, environment, number))
  }
}

async function placesOf(plane: Plane, environment: Fields<EnvironmentRow>, number: number): Promise<Places> {
  const revision = await plane.store.revisions.get(environment.id, number)
  const row = revision && (await plane.store.environments.get(environment.id))
  const places = new Map<string, string[]>()
  for (const { payload, path } of row ? listSealed(textOf(plane, row, revision)).sealed : []) {
    const id = plane.vault.readHandle(payload)
    if (id !== undefined) places.set(id, [...(places.get(id) ?? []), path])
  }
  return places
}
