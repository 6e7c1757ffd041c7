import { setTimeout as sleep } from 'node:timers/promises'
import { type EnvironmentName, type FrozenConfiguration, HeadgateError, type Problem, type Result } from '@headgate/model'
import { withRightsOfToday } from '../access/held-roles.ts'
import type { Caller, Plane } from '../plane.ts'
import { Sessions } from './sessions.ts'
import { type Listener, type Watched, WatchedEnvironments } from './watched-environments.ts'

export type Watching = ReturnType<typeof createWatching>

/** How often revoked and expired tokens are looked for besides every commit that touches them, in milliseconds. */
const REVOCATION_SWEEP = 500
/** How long to wait before a notice is worked off again for which the database could not be read, in milliseconds. */
const READ_AGAIN = 500

/** Tables whose change may end a session, and those that may change what its owner may see. */
const tokenTables = ['tokens', 'principals']
const rightTables = ['teams', 'team_members', 'roles', 'bindings']

/** An instance hears of its pin, and of nothing that is saved. */
interface PinnedWatch {
  readonly instance: string
  readonly name: EnvironmentName
  readonly listener: Listener
}

/** Turns commits into notifications: of new revisions to whoever watches them, of lost rights to whoever is signed in. */
export function createWatching(plane: Plane) {
  const environments = new WatchedEnvironments(plane)
  const sessions = new Sessions(plane)
  const pinned = new Set<PinnedWatch>()
  /** What each instance confirmed to have taken over, by its id. */
  const loaded = new Map<string, string>()
  /** Notices are worked off one after another, so revisions are told in their order. */
  let turn = Promise.resolve()
  const closing = new AbortController()
  const next = (work: () => Promise<void>): void => {
    turn = turn.then(() => untilReadable(work, closing.signal)).catch(() => undefined)
  }

  const stopListening = plane.store.onCommit((notice) => {
    const touches = (names: readonly string[]): boolean => notice.tables.some((table) => names.includes(table))
    next(() => environments.deliver(notice))
    if (touches(tokenTables)) void sessions.sweep()
    if (touches(rightTables)) next(() => environments.revise((caller) => withRightsOfToday(plane, caller)))
  })
  const timer = setInterval(() => void sessions.sweep(), REVOCATION_SWEEP)
  timer.unref()

  return {
    /** Tells an instance that it is pinned to another configuration now. */
    repinned(instance: string, frozen: FrozenConfiguration): void {
      loaded.delete(instance)
      const revision = frozen.revisions[0]?.revision ?? 0
      for (const watch of pinned)
        if (watch.instance === instance) watch.listener({ type: 'revision', ...watch.name, revision, imported: true })
    },
    /** The digest of the configuration an instance last confirmed; undefined until it does, also after a restart of the plane. */
    loadedBy: (instance: string): string | undefined => loaded.get(instance),
    confirmLoaded(caller: Caller, configuration: string): void {
      if (caller.pin) loaded.set(caller.pin.instance, configuration)
    },
    watchEnvironments: (caller: Caller, watched: Watched, listener: Listener): Promise<Result<() => void>> =>
      caller.pin ? watchPin(pinned, caller.pin.instance, watched, listener) : environments.add(caller, watched, listener),
    onRevoked: (caller: Caller, listener: (problem: Problem) => void): (() => void) => sessions.add(caller, listener),
    /** How many are signed in for longer than a request. */
    sessions: (): number => sessions.size,
    close(): void {
      closing.abort()
      stopListening()
      clearInterval(timer)
      environments.clear()
      pinned.clear()
      sessions.clear()
    },
  }
}

/** Does it again while the database cannot be read: who waits for a notice would wait for good. */
async function untilReadable(work: () => Promise<void>, closing: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (closing.aborted || !(error instanceof HeadgateError && error.code === 'DATABASE_UNREACHABLE')) throw error
      await sleep(READ_AGAIN, undefined, { ref: false, signal: closing })
    }
  }
}

async function watchPin(all: Set<PinnedWatch>, instance: string, watched: Watched, listener: Listener): Promise<Result<() => void>> {
  const made = watched.map(({ known: _, values: _values, ...name }): PinnedWatch => ({ instance, name, listener }))
  for (const watch of made) all.add(watch)
  return {
    ok: true,
    value: () => {
      for (const watch of made) all.delete(watch)
    },
  }
}
