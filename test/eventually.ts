import { setTimeout as sleep } from 'node:timers/promises'

export interface EventuallyOptions {
  /** How long to go on trying, in milliseconds. Default 30,000. */
  readonly within?: number
  /** How long to wait between two attempts, in milliseconds. Default 20. */
  readonly every?: number
}

/**
 * Tries until the attempt succeeds, for what becomes true in its own time.
 *
 * An attempt succeeds when it returns anything but false or undefined, and may throw (an assertion, for example) to be
 * tried again. At the deadline the last thing it threw is thrown.
 *
 * @returns what the successful attempt returned
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { within = 30_000, every = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + within
  for (;;) {
    const outcome = await tryOnce(attempt)
    if ('value' in outcome && outcome.value !== false && outcome.value !== undefined) return outcome.value as Exclude<T, false | undefined>
    if (performance.now() >= deadline) {
      if ('thrown' in outcome) throw outcome.thrown
      throw new Error(`it did not become true within ${within} ms`)
    }
    await sleep(every)
  }
}

async function tryOnce<T>(attempt: () => T | Promise<T>): Promise<{ value: T } | { thrown: unknown }> {
  try {
    return { value: await attempt() }
  } catch (error) {
    return { thrown: error }
  }
}
