import type { Crypter, Failure, Host, LoadedImport } from '@headgate/lang'
import { type EnvironmentName, type RecordId, type Secret, fullName, problemOf, shortName } from '@headgate/model'
import type { EnvironmentRow, Fields, RecordRow, RevisionRow } from '@headgate/store'
import { mayOn } from '../access/authorise.ts'
import type { Caller, Plane } from '../plane.ts'
import { textOf } from './import-closure.ts'
import { type FoundRevision, findReference } from './find-revision.ts'

/** An environment at the revision whose values went into an answer. */
export interface Pinned extends EnvironmentName {
  readonly revision: number
}

/** Texts that are about to be saved in the same Change, by `project/environment`: they import each other before any exists. */
export type PendingTexts = ReadonlyMap<string, string>

/** What the language asks of the plane while it evaluates one environment for one caller. */
export interface EnvironmentHost {
  readonly host: Host
  /** Every environment that was loaded so far, each once. */
  readonly loaded: Pinned[]
  /** The first import the caller may not open, if any: it turns the whole request into a denial. */
  denied(): { readonly importer: EnvironmentName; readonly imported: EnvironmentName } | undefined
}

/**
 * The outside of the language: imports come from the store, each needing `open` by the same caller; sealed values are
 * opened only for the environment they belong to.
 */
export function environmentHost(
  plane: Plane,
  caller: Caller,
  root: EnvironmentName,
  environment: Fields<EnvironmentRow>,
  pending: PendingTexts = new Map(),
): EnvironmentHost {
  const loaded: Pinned[] = []
  let denied: { importer: EnvironmentName; imported: EnvironmentName } | undefined

  const load = async (text: string): Promise<LoadedImport | Failure> => {
    const source = pending.get(text)
    if (source !== undefined) return { source, crypter: crypterOf(plane, environment) }
    const found = await findReference(plane, text, caller)
    if (!found.ok) return { failure: found.problem.message }
    const { name } = found.value
    if (!mayOn(plane, caller, 'open', name)) {
      denied ??= { importer: root, imported: name }
      return { failure: `there is no environment ${shortName(name)} that ${caller.name} may open` }
    }
    const { environment: row, revision } = found.value
    pin(loaded, found.value)
    return { source: textOf(plane, row, revision), crypter: crypterOf(plane, row) }
  }
  const host: Host = {
    imports: { load },
    // No provider of outside secrets is part of this plane yet; the language reports a call to one at its place.
    crypter: crypterOf(plane, environment),
    context: { pulumi: { user: { id: caller.principal, login: caller.name }, organization: { login: plane.organisation.name } } },
  }
  return { host, loaded, denied: () => denied }
}

function pin(loaded: Pinned[], { name, revision }: FoundRevision): void {
  const { organisation, project, environment } = name
  if (loaded.some((other) => fullName(other) === fullName(name) && other.revision === revision.number)) return
  loaded.push({ organisation, project, environment, revision: revision.number })
}

/** Opens the sealed values of one environment, and of no other: a handle is only a name for a record of its own. */
export function crypterOf(plane: Plane, environment: Fields<EnvironmentRow>): Crypter {
  return {
    async decrypt(handle) {
      const secret = await openHandle(plane, environment, handle)
      return secret ? new TextEncoder().encode(secret.reveal()) : { failure: problemOf('HANDLE_INVALID', { path: 'this place' }).message }
    },
  }
}

/** The secret behind a handle of this environment; undefined for any other handle. A changed record throws. */
export async function openHandle(plane: Plane, environment: Fields<EnvironmentRow>, handle: Uint8Array): Promise<Secret | undefined> {
  const id = plane.vault.readHandle(handle)
  const record = id === undefined ? undefined : await readRecord(plane, id)
  if (!record || record.environment !== environment.id) return undefined
  return plane.vault.openSecret({ organisation: environment.organisation, environment: environment.id }, record)
}

async function readRecord(plane: Plane, id: RecordId): Promise<RecordRow | undefined> {
  return (await plane.store.records.get([id])).get(id)
}

/** The revision itself as the first entry of a closure. */
export function closureOf({ name, revision }: { name: EnvironmentName; revision: RevisionRow }, loaded: readonly Pinned[]): Pinned[] {
  return [{ ...name, revision: revision.number }, ...loaded]
}
