import type { Clock } from './clock.ts'

/** Wakes whoever waits when something changed. */
export class Bell {
  #rung = new AbortController()

  ring(): void {
    const rung = this.#rung
    this.#rung = new AbortController()
    rung.abort()
  }

  /** Resolves at the next ring, at the latest after so many milliseconds; rejects with the signal's reason. */
  async wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
    const rung = this.#rung.signal
    const either = AbortSignal.any([rung, signal])
    await clock.sleep(milliseconds, either).catch(() => undefined)
    signal.throwIfAborted()
  }
}
