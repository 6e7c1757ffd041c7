import type { ClientFrame, ServerFrame } from '@headgate/contract'
import {
  type CommitNotice,
  type EnvironmentId,
  type EnvironmentName,
  type FrozenConfiguration,
  type Problem,
  type Result,
  ok,
  problemOf,
} from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { requirePermission } from '../access/authorise.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import { importClosure } from '../environments/import-closure.ts'
import type { Caller, Plane } from '../plane.ts'

type Watched = Extract<ClientFrame, { type: 'watch' }>['environments']
type Listener = (frame: ServerFrame) => void

/** Somebody's interest in one environment and everything it imports. */
interface Watch {
  readonly name: EnvironmentName
  /** Empty for an instance, which hears of its pin and of nothing that is saved. */
  readonly id: EnvironmentId
  readonly instance?: string
  readonly listener: Listener
  closure: ReadonlySet<string>
  /** The newest revision the listener was told of, so that it never goes back in time. */
  known: number
}

export type Watching = ReturnType<typeof createWatching>

const NO_ENVIRONMENT = '' as EnvironmentId

/** How often revoked and expired tokens are looked for besides every commit that touches them, in milliseconds. */
const REVOCATION_SWEEP = 1_000

/** Turns commits into notifications: of new revisions to whoever watches them, of lost rights to whoever is signed in. */
export function createWatching(plane: Plane) {
  const watches = new Set<Watch>()
  /** What each instance confirmed to have taken over, by its id. */
  const loaded = new Map<string, string>()
  const sessions = new Map<(problem: Problem) => void, Caller>()
  /** Notices are worked off one after another, so revisions are told in their order. */
  let turn = Promise.resolve()

  const stopListening = plane.store.onCommit((notice) => {
    turn = turn.then(() => deliver(plane, watches, notice)).catch(() => undefined)
    if (notice.tables.some((table) => table === 'tokens' || table === 'principals')) void sweep(plane, sessions)
  })
  const timer = setInterval(() => void sweep(plane, sessions), REVOCATION_SWEEP)
  timer.unref()

  return {
    /** Tells an instance that it is pinned to another configuration now. */
    repinned(instance: string, frozen: FrozenConfiguration): void {
      loaded.delete(instance)
      const revision = frozen.revisions[0]?.revision ?? 0
      for (const watch of watches)
        if (watch.instance === instance) watch.listener({ type: 'revision', ...watch.name, revision, imported: true })
    },
    /** The digest of the configuration an instance last confirmed; undefined until it does, also after a restart of the plane. */
    loadedBy: (instance: string): string | undefined => loaded.get(instance),
    confirmLoaded(caller: Caller, configuration: string): void {
      if (caller.pin) loaded.set(caller.pin.instance, configuration)
    },
    watchEnvironments: (caller: Caller, watched: Watched, listener: Listener) => watch(plane, watches, caller, watched, listener),
    onRevoked(caller: Caller, listener: (problem: Problem) => void): () => void {
      sessions.set(listener, caller)
      return () => void sessions.delete(listener)
    },
    close(): void {
      stopListening()
      clearInterval(timer)
      watches.clear()
      sessions.clear()
    },
  }
}

/** Lists what a caller watches, telling at once what they missed. */
async function watch(plane: Plane, watches: Set<Watch>, caller: Caller, watched: Watched, listener: Listener): Promise<Result<() => void>> {
  const made: Watch[] = []
  const add = (entry: Watch): void => {
    watches.add(entry)
    made.push(entry)
  }
  for (const { known, ...name } of watched) {
    if (caller.pin) {
      add({ name, id: NO_ENVIRONMENT, instance: caller.pin.instance, listener, closure: new Set(), known })
      continue
    }
    const allowed = requirePermission(plane, caller, 'read', environmentResource(name))
    const environment = allowed.ok ? await findEnvironment(plane, name) : allowed
    if (!environment.ok) return stopAll(watches, made, environment)
    const row = environment.value
    const entry: Watch = { name, id: row.id, listener, closure: await importClosure(plane, row), known }
    add(entry)
    // Told after it is listed, so a commit in between is told by one of the two.
    const head = await plane.store.environments.get(row.id)
    if (head) tell(entry, head.head_revision)
  }
  return ok(() => stopAll(watches, made, undefined))
}

function stopAll<T>(watches: Set<Watch>, made: readonly Watch[], result: T): T {
  for (const watch of made) watches.delete(watch)
  return result
}

function tell(watch: Watch, revision: number): void {
  if (revision <= watch.known) return
  watch.known = revision
  watch.listener({ type: 'revision', ...watch.name, revision })
}

/** A change of an imported environment is told as a change of the importer, at the revision it is at. */
async function deliver(plane: Plane, watches: ReadonlySet<Watch>, notice: CommitNotice): Promise<void> {
  const moved = new Map<string, number>(notice.environments.map(({ id, revision }) => [id, revision]))
  const retagged = new Set<string>(notice.tags.map((tag) => tag.environment))
  for (const watch of watches) {
    if (watch.instance !== undefined) continue
    const touched = [...watch.closure].some((id) => moved.has(id) || retagged.has(id))
    // A deletion moves no revision; it only writes the row.
    if (!touched && !notice.tables.includes('environments')) continue
    const row = await plane.store.environments.get(watch.id)
    if (!row || row.deleted_at !== null) {
      watch.listener({ type: 'gone', ...watch.name })
      continue
    }
    if (!touched) continue
    // Its imports may be others now, whichever of the texts changed.
    watch.closure = await importClosure(plane, row)
    if (row.head_revision > watch.known) tell(watch, row.head_revision)
    else watch.listener({ type: 'revision', ...watch.name, revision: watch.known, imported: true })
  }
}

/** Ends every session whose token no longer signs in. Each listener is called once. */
async function sweep(plane: Plane, sessions: Map<(problem: Problem) => void, Caller>): Promise<void> {
  for (const [listener, caller] of [...sessions]) {
    const token = await plane.store.tokens.get(caller.token.id).catch(() => undefined)
    const expired = token?.expires_at != null && token.expires_at <= plane.now()
    if (token && token.revoked_at === null && !expired) continue
    if (!sessions.delete(listener)) continue
    listener(expired ? problemOf('TOKEN_EXPIRED', { expired: new Date(token.expires_at ?? 0).toISOString() }) : problemOf('TOKEN_REVOKED'))
  }
}
