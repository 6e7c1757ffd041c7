import { type Change, type Reload, changedPaths, sameValue } from './changes.ts'
import { parsePath, renderPath, valueAt } from './path.ts'
import { printedAs, withoutSecrets } from './printed.ts'
import type { Report } from './report.ts'
import type { Snapshot } from './snapshot.ts'

export type ReloadListener = (reload: Reload) => unknown
export type ChangeListener = (change: Change) => unknown

type Call = (reload: Reload, before: Snapshot, after: Snapshot) => void

/** The functions a program wants called after a reload, in the order it gave them. */
export class ChangeListeners {
  readonly #calls = new Set<Call>()
  readonly #report: Report
  readonly #environment: string

  constructor(environment: string, report: Report) {
    this.#environment = environment
    this.#report = report
  }

  /** Called for every reload. @returns what ends the calls */
  addForAll(listener: ReloadListener): () => void {
    return this.#add((reload) => this.#guarded('of all changes', () => listener(reload)))
  }

  /** Called where what is at the path became another value. @returns what ends the calls */
  addForPath(text: string, listener: ChangeListener): () => void {
    const segments = parsePath(text)
    const path = renderPath(segments)
    return this.#add(({ revision, previousRevision }, old, now) => {
      const before = valueAt(old.values, segments)
      const after = valueAt(now.values, segments)
      if (sameValue(before, after)) return
      const change: Change = { path, before, after, revision, previousRevision }
      printedAs(change, () => ({
        ...change,
        before: withoutSecrets(before, segments, old),
        after: withoutSecrets(after, segments, now),
      }))
      this.#guarded(`of ${path}`, () => listener(change))
    })
  }

  /** Tells everybody. Nobody is left out because another one throws. */
  tell(before: Snapshot, after: Snapshot): void {
    let paths: readonly string[] | undefined
    const reload: Reload = {
      revision: after.revision,
      previousRevision: before.revision,
      source: after.source,
      // Found out only for who asks: in a large document it costs more than everything else of a reload.
      get paths() {
        return (paths ??= changedPaths(before.values, after.values))
      },
    }
    printedAs(reload, () => ({ ...reload }))
    for (const call of this.#calls) call(reload, before, after)
  }

  clear(): void {
    this.#calls.clear()
  }

  #add(call: Call): () => void {
    this.#calls.add(call)
    return () => void this.#calls.delete(call)
  }

  #guarded(what: string, call: () => unknown): void {
    const failed = (error: unknown): void => {
      const kind = error instanceof Error ? error.name : typeof error
      const message = `${this.#environment}: the listener ${what} threw (${kind})`
      this.#report({ code: 'listener-failed', level: 'warning', message, error })
    }
    try {
      const returned = call()
      if (returned instanceof Promise) returned.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
