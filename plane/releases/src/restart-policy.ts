import type { Clock } from './clock.ts'
import type { KeptInstance } from './instances.ts'

/** The first restart comes at once, each further one after twice the time, up to the longest. */
const FIRST_MS = 200
const LONGEST_MS = 30_000
/** An instance that ran this long is new again: its next end is not the last one's fault. */
const SETTLED_MS = 60_000

/** Starts instances again that ended by themselves, more and more slowly while that does not help. */
export class RestartPolicy {
  readonly #clock: Clock
  readonly #stopped: AbortSignal
  readonly #restart: (kept: KeptInstance, reason: string) => Promise<boolean>
  readonly #failures = new Map<string, { count: number; last: number }>()
  readonly #pending = new Map<string, Promise<void>>()

  /** @param restart answers false where it could not, and is asked again later */
  constructor(clock: Clock, stopped: AbortSignal, restart: (kept: KeptInstance, reason: string) => Promise<boolean>) {
    this.#clock = clock
    this.#stopped = stopped
    this.#restart = restart
  }

  schedule(kept: KeptInstance, reason: string): void {
    const { id } = kept.row
    if (this.#pending.has(id)) return
    const attempt = this.#run(kept, reason).finally(() => this.#pending.delete(id))
    this.#pending.set(id, attempt)
  }

  /** Forgets the failures of an instance that has run for long enough. */
  noteRunning({ row }: KeptInstance): void {
    const known = this.#failures.get(row.id)
    if (known && this.#clock.now() - known.last >= SETTLED_MS) this.#failures.delete(row.id)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending.values())
  }

  async #run(kept: KeptInstance, reason: string): Promise<void> {
    for (let done = false; !done && !this.#stopped.aborted;) {
      await this.#clock.sleep(this.#delay(kept.row.id), this.#stopped).catch(() => undefined)
      if (this.#stopped.aborted) return
      done = await this.#restart(kept, reason).catch(() => false)
    }
  }

  #delay(id: string): number {
    const now = this.#clock.now()
    const known = this.#failures.get(id)
    const count = known && now - known.last < SETTLED_MS ? known.count + 1 : 0
    this.#failures.set(id, { count, last: now })
    return count === 0 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (count - 1))
  }
}
