import type { EnvironmentReference, Result, Secret } from '@headgate/model'
import type { FeedListener } from '@headgate/sdk/changes'
import { LatestValues } from './latest-values.ts'
import type { Opened } from './opened.ts'

export interface WatchOptions {
  readonly url: string
  readonly token: Secret
  readonly reference: EnvironmentReference
  /** What the program runs with. */
  readonly opened: Opened
  /** Whether that is not from the plane, which has to be asked as soon as it is there. */
  readonly stoodIn: boolean
  /** Opens the environment again. */
  open(): Promise<Result<Opened>>
  /** Told of values that are given to the program. */
  given(opened: Opened): void
  /** Told of what keeps the watching from working; the program goes on. */
  degraded(reason: string): void
}

export interface WatchedEnvironment {
  /** The values, once they are others than the program was given last. */
  next(): Promise<Opened>
  /** The values as they are now. */
  latest(): Opened
  close(): Promise<void>
}

/**
 * Follows an environment. Its values come with the change, where the plane sends them. What happened while the connection was away
 * is looked for when it is back. A failure to watch only degrades: the program runs on with what it has.
 */
export async function watchEnvironment(options: WatchOptions): Promise<WatchedEnvironment> {
  const { ChangeFeed, systemClock } = await import('@headgate/sdk/changes')
  const { url, token, reference, opened, given, degraded } = options
  const open = async (): Promise<Result<Opened>> => {
    const answer = await options.open()
    feed.noteAsked()
    return answer
  }
  // Between two attempts nothing but the program itself keeps this process alive.
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => systemClock.after(milliseconds, resolve))
  const values = new LatestValues({ opened, onlyRises: reference.version === undefined, open, given, degraded, pause })
  const listener = listenerOf(options, values)
  const feed = new ChangeFeed({ url, token, clock: systemClock, random: Math.random, listener })
  return {
    next: () => values.next(),
    latest: () => values.latest(),
    async close() {
      values.close()
      await feed.close()
    },
  }
}

function listenerOf({ reference, opened, stoodIn, degraded }: WatchOptions, values: LatestValues): FeedListener {
  const { organisation, project, environment, version } = reference
  // Of a tag or an import that moved between the first opening and the first connection, nobody tells afterwards.
  let missed = stoodIn || typeof version === 'string' || opened.closure.length > 1
  let away = false
  const look = (): void => values.look()
  return {
    watched: () => ({ organisation, project, environment, revision: values.revision }),
    loaded: () => undefined,
    connected() {
      if (missed) look()
      missed = false
      away = false
    },
    changed: look,
    wish: () => ({ have: {}, ...(version === undefined ? {} : { version: String(version) }) }),
    opened: (sent) => values.take(sent),
    refused: () => degraded('the plane refuses it'),
    lost(reason) {
      if (!away) degraded(reason)
      away = true
      missed = true
    },
  }
}
