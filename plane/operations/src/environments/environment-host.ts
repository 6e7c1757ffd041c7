import type { Crypter, Failure, Host, Importer, LoadedImport, Withheld } from '@headgate/lang'
import { type EnvironmentId, type EnvironmentName, type RecordId, type Secret, fullName, problemOf } from '@headgate/model'
import type { EnvironmentRow, Fields, RecordRow, RevisionRow } from '@headgate/store'
import { mayOn, pathFilter } from '../access/authorise.ts'
import { type DeniedImport, type ImportPurpose, deniedImport, importRight, importerNamed } from '../access/import-right.ts'
import type { ImportedRevision } from '../kept/kept-openings.ts'
import type { Caller, Plane } from '../plane.ts'
import { textOf } from './import-closure.ts'
import { type FoundRevision, findReference, nameOf } from './find-revision.ts'
import { type ProviderCall, notingProviders } from './noted-providers.ts'

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
  /** What each import that was loaded is called in the text that imports it, and the revision that came to. */
  readonly imports: ImportedRevision[]
  /** Every call of a provider that was made so far. */
  readonly asked: readonly ProviderCall[]
  /** The first import the caller may not open, if any: it turns the whole request into a denial. */
  denied(): DeniedImport | undefined
  /** Whether some values are kept from the caller, of the environment itself or of what was imported so far. */
  withheld(): boolean
}

/**
 * The outside of the language: imports come from the store, each needing a right by the same caller; sealed values are
 * opened only for the environment they belong to. Whoever may open only some paths is kept from the others, in the
 * environment itself and in each import: they are unknown, and so is whatever is made of them.
 */
export function environmentHost(
  plane: Plane,
  caller: Caller,
  root: EnvironmentName,
  environment: Fields<EnvironmentRow>,
  { pending = new Map(), purpose = 'open' }: { readonly pending?: PendingTexts; readonly purpose?: ImportPurpose } = {},
): EnvironmentHost {
  const own = crypterOf(plane, environment)
  const allowed = purpose === 'open' ? pathFilter(plane, caller, root) : undefined
  return hostOf(plane, caller, {
    root,
    crypter: own,
    purpose,
    ...(allowed ? { withheld: (path: string) => !allowed(path) } : {}),
    pending: (text) => {
      const source = pending.get(text)
      return source === undefined ? undefined : { source, crypter: own }
    },
  })
}

/**
 * The same for a text that belongs to no environment: what is sealed in it opens where the caller may open the
 * environment it was sealed for.
 *
 * @param overrides which environment is imported in place of one, by their names as written
 */
export function textHost(
  plane: Plane,
  caller: Caller,
  { overrides = new Map(), purpose = 'open' }: { readonly overrides?: ReadonlyMap<string, string>; readonly purpose?: ImportPurpose } = {},
): EnvironmentHost {
  const root = { organisation: plane.organisation.name, project: 'yaml', environment: 'text' }
  return hostOf(plane, caller, { root, crypter: callersCrypter(plane, caller), purpose, overrides, pending: () => undefined })
}

interface Surroundings {
  readonly root: EnvironmentName
  readonly crypter: Crypter
  readonly purpose: ImportPurpose
  readonly withheld?: Withheld
  readonly pending: (text: string) => LoadedImport | undefined
  readonly overrides?: ReadonlyMap<string, string>
}

function hostOf(plane: Plane, caller: Caller, surroundings: Surroundings): EnvironmentHost {
  const { root, crypter, purpose, withheld, pending, overrides } = surroundings
  const loaded: Pinned[] = []
  const imports: ImportedRevision[] = []
  const asked: ProviderCall[] = []
  let denied: DeniedImport | undefined
  let partial = withheld !== undefined

  const load = async (text: string, importer: Importer): Promise<LoadedImport | Failure> => {
    const ready = pending(text)
    if (ready) return ready
    const reference = overrides?.get(text) ?? text
    const imported = importerNamed(plane, reference)
    const right = imported && importRight(plane, caller, imported, purpose)
    if (imported && right && (right.kind === 'denied' || right.kind === 'unknown') && purpose !== 'check') {
      denied ??= deniedImport(plane, caller, (!importer.isRoot && importerNamed(plane, importer.name)) || root, imported)
    }
    if (right?.kind === 'denied' || right?.kind === 'unknown') return { failure: right.problem.message }
    const found = await findReference(plane, reference, caller)
    if (!found.ok) return { failure: found.problem.message }
    const { environment: row, revision } = found.value
    pin(loaded, found.value)
    imports.push({ reference: text, environment: row.id, revision: revision.number })
    const source = { source: textOf(plane, row, revision), crypter: crypterOf(plane, row) }
    if (right?.kind !== 'paths') return source
    partial = true
    return { ...source, withheld: right.withheld }
  }
  const host: Host = {
    imports: { load },
    ...(plane.providers ? { providers: notingProviders(plane.providers, asked) } : {}),
    crypter,
    ...(withheld ? { withheld } : {}),
    context: { pulumi: { user: { id: caller.principal, login: caller.name }, organization: { login: plane.organisation.name } } },
  }
  return { host, loaded, imports, asked, denied: () => denied, withheld: () => partial }
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
  const record = id === undefined ? undefined : await readRecord(plane, environment.id, id)
  if (!record) return undefined
  return plane.vault.openSecret({ organisation: environment.organisation, environment: environment.id }, record)
}

async function readRecord(plane: Plane, environment: EnvironmentId, id: RecordId): Promise<RecordRow | undefined> {
  return (await plane.store.records.of(environment, [id])).get(id)
}

/** Opens what is sealed for any environment that the caller may open the whole of. */
function callersCrypter(plane: Plane, caller: Caller): Crypter {
  return {
    async decrypt(handle, { path }) {
      const failure = { failure: problemOf('HANDLE_INVALID', { path: path === '' ? 'this place' : path }).message }
      const id = plane.vault.readHandle(handle)
      const record = id === undefined ? undefined : (await plane.store.records.get([id])).get(id)
      const environment = record && (await plane.store.environments.get(record.environment))
      if (!record || !environment || environment.deleted_at !== null) return failure
      if (!mayOn(plane, caller, 'open', nameOf(plane, environment))) return failure
      const secret = plane.vault.openSecret({ organisation: environment.organisation, environment: environment.id }, record)
      return new TextEncoder().encode(secret.reveal())
    },
  }
}

/** The revision itself as the first entry of a closure. */
export function closureOf({ name, revision }: { name: EnvironmentName; revision: RevisionRow }, loaded: readonly Pinned[]): Pinned[] {
  return [{ ...name, revision: revision.number }, ...loaded]
}
