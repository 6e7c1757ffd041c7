import { setTimeout as delay } from 'node:timers/promises'

/** Time as everything here knows it, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Resolves after so many milliseconds; rejects with the signal's reason when that comes first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      await delay(Math.max(0, milliseconds), undefined, signal ? { signal } : {})
    } catch (error) {
      // The timer's own error hides why: whoever aborted gave a reason.
      throw signal?.aborted ? signal.reason : error
    }
  },
}
