import type { Fallback } from './fallback.ts'
import type { Report } from './report.ts'
import type { Snapshot } from './snapshot.ts'

/** Keeps the sealed copy up with the values, in the background and one write after the other. */
export class FallbackWriter {
  readonly #fallback: Fallback
  readonly #report: Report
  #writing: Promise<void> = Promise.resolve()
  #waiting: Snapshot | undefined
  #unwritable = false

  constructor(fallback: Fallback, report: Report) {
    this.#fallback = fallback
    this.#report = report
  }

  /** Makes these values the copy. Of several that come while one is written only the last is. */
  keep(snapshot: Snapshot): void {
    const idle = this.#waiting === undefined
    this.#waiting = snapshot
    if (idle) this.#writing = this.#writing.then(() => this.#writeWaiting())
  }

  /** The plane refused: nothing is kept, and nothing kept before is worth anything. */
  destroy(): void {
    this.#waiting = undefined
    this.#writing = this.#writing.then(() => destroyCopy(this.#fallback, this.#report))
  }

  /** Resolves when nothing is being written any more. */
  settled(): Promise<void> {
    return this.#writing
  }

  async #writeWaiting(): Promise<void> {
    const snapshot = this.#waiting
    this.#waiting = undefined
    if (!snapshot) return
    try {
      await this.#fallback.write(snapshot)
      this.#unwritable = false
    } catch (error) {
      if (this.#unwritable) return
      this.#unwritable = true
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
      const message = `${snapshot.environment}: no copy for bad times can be written to ${this.#fallback.folder} (${reason})`
      this.#report({ code: 'fallback-unwritable', level: 'warning', message })
    }
  }
}

/** Deletes the copy after a refusal, and says so where that failed: then it lies on, and somebody has to remove it. */
export async function destroyCopy(fallback: Fallback, report: Report): Promise<void> {
  try {
    await fallback.destroy()
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
    const message = `the plane refuses, but the copies in ${fallback.folder} cannot be deleted (${reason}); delete them by hand`
    report({ code: 'fallback-undeletable', level: 'warning', message })
  }
}
