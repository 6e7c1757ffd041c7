import type { EnvironmentReference, Problem, Result, Secret } from '@headgate/model'
import type { FeedListener } from '@headgate/sdk/changes'
import type { Opened } from './opened.ts'

export interface WatchOptions {
  readonly url: string
  readonly token: Secret
  readonly reference: EnvironmentReference
  /** What the program runs with. */
  readonly opened: Opened
  /** Opens the environment again. */
  open(): Promise<Result<Opened>>
  /** Told of what keeps the watching from working; the program goes on. */
  degraded(reason: string): void
}

export interface WatchedEnvironment {
  /** The values, once they are others than those at hand. */
  next(): Promise<Opened>
  close(): Promise<void>
}

/** Between two attempts to open what cannot be opened, in milliseconds, at most. */
const LONGEST_WAIT = 60_000
const FIRST_WAIT = 1_000

/**
 * Follows an environment. What happened while the connection was away is looked for when it is back, and a change that
 * changes no value of the program's is none. A failure to watch only degrades: the program runs on with what it has.
 */
export async function watchEnvironment(options: WatchOptions): Promise<WatchedEnvironment> {
  const { ChangeFeed, systemClock } = await import('@headgate/sdk/changes')
  const { url, token, reference, degraded } = options
  let hand = options.opened
  let told = Promise.withResolvers<Opened>()
  let asked = false
  let asking: Promise<void> | undefined
  let closed = false

  const tell = (opened: Opened): void => {
    hand = opened
    told.resolve(hand)
    told = Promise.withResolvers<Opened>()
  }
  const ask = async (): Promise<void> => {
    for (let failures = 0; asked && !closed;) {
      asked = false
      const opened = await options.open()
      if (opened.ok) {
        failures = 0
        if (!sameValues(opened.value, hand)) tell(opened.value)
      } else {
        failures += 1
        degraded(reasonOf(opened.problem))
        await new Promise<void>((resolve) => systemClock.after(waitAfter(failures), resolve))
        asked = true
      }
    }
    asking = undefined
  }
  const look = (): void => {
    asked = true
    asking ??= ask()
  }
  const listener = listenerOf(reference, () => hand.revision, look, degraded)
  const feed = new ChangeFeed({ url, token, clock: systemClock, random: Math.random, listener })
  return {
    next: () => told.promise,
    async close() {
      closed = true
      await feed.close()
    },
  }
}

function listenerOf(
  { organisation, project, environment }: EnvironmentReference,
  revision: () => number,
  look: () => void,
  degraded: (reason: string) => void,
): FeedListener {
  let away = false
  return {
    watched: () => ({ organisation, project, environment, revision: revision() }),
    loaded: () => undefined,
    connected() {
      // A change of something it imports is not told afterwards.
      if (away) look()
      away = false
    },
    changed: look,
    refused: () => degraded('the plane refuses it'),
    lost(reason) {
      if (!away) degraded(reason)
      away = true
    },
  }
}

/** Doubling to a minute, the upper half of it at random, so that many programs do not come back at once. */
function waitAfter(failures: number): number {
  return Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT) * (0.5 + Math.random() / 2)
}

function sameValues(one: Opened, other: Opened): boolean {
  return JSON.stringify([one.variables, one.files]) === JSON.stringify([other.variables, other.files])
}

function reasonOf({ code, message }: Problem): string {
  return `${code}: ${message}`
}
