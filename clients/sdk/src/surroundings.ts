import { homedir } from 'node:os'

/** Time, as the SDK uses it. Tests bring one of their own, so that none of them waits. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs something later, unless the returned function is called before. It does not keep the process alive. */
  after(milliseconds: number, run: () => void): () => void
  /** Waits, and keeps the process alive meanwhile. */
  pause(milliseconds: number): Promise<void>
}

/** What the SDK takes from the process it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly folder: string
  readonly clock: Clock
  /** From 0 up to 1: spreads reconnecting clients over time. */
  readonly random: () => number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref()
    return () => clearTimeout(timer)
  },
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}

export function processSurroundings(): Surroundings {
  return { env: process.env, home: homedir(), folder: process.cwd(), clock: systemClock, random: Math.random }
}
