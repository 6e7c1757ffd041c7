import type { ClientFrame, ServerFrame } from '@headgate/contract'
import { type CommitNotice, type EnvironmentId, type EnvironmentName, type Result, ok } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { requirePermission } from '../access/authorise.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import { importClosure } from '../environments/import-closure.ts'
import type { Caller, Plane } from '../plane.ts'

export type Watched = Extract<ClientFrame, { type: 'watch' }>['environments']
export type Listener = (frame: ServerFrame) => void

/** Somebody's interest in one environment and everything it imports. */
interface Watch {
  readonly caller: Caller
  readonly name: EnvironmentName
  readonly listener: Listener
  /** The newest revision the listener was told of, so that it never goes back in time. */
  known: number
}

/** An environment somebody watches: what can change it is worked out once, however many listen. */
interface WatchedEnvironment {
  readonly id: EnvironmentId
  readonly watches: Set<Watch>
  /** The ids of everything whose change can change its values, itself among them. */
  closure: ReadonlySet<string>
}

/** Who listens to which environment, and how a commit reaches them. */
export class WatchedEnvironments {
  readonly #plane: Plane
  readonly #watched = new Map<EnvironmentId, WatchedEnvironment>()

  constructor(plane: Plane) {
    this.#plane = plane
  }

  /** Lists what a caller watches, telling at once what they missed. The result stops it. */
  async add(caller: Caller, wanted: Watched, listener: Listener): Promise<Result<() => void>> {
    const made: (() => void)[] = []
    const stop = (): void => {
      for (const undo of made.splice(0)) undo()
    }
    for (const { known, values: _, ...name } of wanted) {
      const allowed = requirePermission(this.#plane, caller, 'read', environmentResource(name))
      const environment = allowed.ok ? await findEnvironment(this.#plane, name) : allowed
      if (!environment.ok) {
        stop()
        return environment
      }
      const { id } = environment.value
      const watch: Watch = { caller, name, listener, known }
      const watched = this.#watched.get(id) ?? { id, watches: new Set(), closure: await importClosure(this.#plane, environment.value) }
      // Somebody else may have begun to watch it meanwhile; theirs is the one that hears of commits.
      const listed = this.#watched.get(id) ?? watched
      this.#watched.set(id, listed)
      listed.watches.add(watch)
      made.push(() => this.#remove(listed, watch))
      // Told after it is listed, so a commit in between is told by one of the two.
      const head = await this.#plane.store.environments.get(id)
      if (head) tell(watch, head.head_revision)
    }
    return ok(stop)
  }

  /** A change of an imported environment is told as a change of the importer, at the revision it is at. */
  async deliver(notice: CommitNotice): Promise<void> {
    const moved = new Set<string>([...notice.environments.map(({ id }) => id), ...notice.tags.map(({ environment }) => environment)])
    const rowsWritten = notice.tables.includes('environments')
    if (moved.size === 0 && !rowsWritten) return
    for (const watched of [...this.#watched.values()]) {
      const touched = notice.missed === true || [...moved].some((id) => watched.closure.has(id))
      // A deletion moves no revision; it only writes the row.
      if (!touched && !(rowsWritten && moved.size === 0)) continue
      const row = await this.#plane.store.environments.get(watched.id)
      if (!row || row.deleted_at !== null) {
        for (const { listener, name } of watched.watches) listener({ type: 'gone', ...name })
        continue
      }
      if (!touched) continue
      // Its imports may be others now, whichever of the texts changed.
      watched.closure = await importClosure(this.#plane, row)
      const beside = notice.missed === true || touchesBeside(watched, notice)
      for (const watch of watched.watches) {
        if (row.head_revision > watch.known) tell(watch, row.head_revision)
        // A revision of its own that was told with the one before is not told again.
        else if (beside) watch.listener({ type: 'revision', ...watch.name, revision: watch.known, imported: true })
      }
    }
  }

  /** Ends what callers watch without the right to, now that rights have changed. They are told what they would be told had they asked today. */
  async revise(rightsOf: (caller: Caller) => Promise<Caller>): Promise<void> {
    for (const watched of [...this.#watched.values()]) {
      for (const watch of [...watched.watches]) {
        const allowed = requirePermission(this.#plane, await rightsOf(watch.caller), 'read', environmentResource(watch.name))
        if (allowed.ok) continue
        this.#remove(watched, watch)
        watch.listener({ type: 'gone', ...watch.name })
      }
    }
  }

  clear(): void {
    this.#watched.clear()
  }

  #remove(watched: WatchedEnvironment, watch: Watch): void {
    watched.watches.delete(watch)
    if (watched.watches.size === 0) this.#watched.delete(watched.id)
  }
}

/** Whether something other than a new revision of the environment itself may have changed its values. */
function touchesBeside({ id, closure }: WatchedEnvironment, { environments, tags }: CommitNotice): boolean {
  return environments.some((other) => other.id !== id && closure.has(other.id)) || tags.some(({ environment }) => closure.has(environment))
}

function tell(watch: Watch, revision: number): void {
  if (revision <= watch.known) return
  watch.known = revision
  watch.listener({ type: 'revision', ...watch.name, revision })
}
