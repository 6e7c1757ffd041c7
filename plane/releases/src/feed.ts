import type { DeploymentId, DeploymentState, RunDirection, StepState } from '@headgate/model'
import type { Traffic, Verdict } from '@headgate/rollout'

/** A step as people follow it. `key` names it within its deployment. */
export interface ShownStep {
  readonly key: string
  readonly text: string
  readonly inverse: string
}

export type ReleaseNews =
  | { readonly type: 'plan'; readonly direction: RunDirection; readonly steps: readonly ShownStep[] }
  | {
      readonly type: 'step'
      readonly direction: RunDirection
      readonly key: string
      readonly text: string
      readonly state: StepState
      readonly detail?: string
    }
  | { readonly type: 'traffic'; readonly traffic: Traffic }
  | { readonly type: 'verdict'; readonly service: string; readonly verdict: Verdict }
  | { readonly type: 'instance'; readonly service: string; readonly instance: string; readonly state: string; readonly detail?: string }
  | { readonly type: 'deployment'; readonly state: DeploymentState; readonly reason?: string }

/** What happened in a deployment, in order. */
export type ReleaseEvent = { readonly sequence: number; readonly time: number } & ReleaseNews

/** The news of one deployment: kept from its beginning, told to whoever listens, ended with the deployment. */
export class Feed {
  readonly #events: ReleaseEvent[] = []
  readonly #waiting = new Set<() => void>()
  #ended = false

  tell(time: number, news: ReleaseNews): void {
    if (this.#ended) return
    this.#events.push({ sequence: this.#events.length + 1, time, ...news })
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Everything so far, then everything to come, until the end or until the signal says so. */
  async *follow(signal?: AbortSignal): AsyncGenerator<ReleaseEvent> {
    for (let index = 0; ;) {
      const event = this.#events[index]
      if (event !== undefined) {
        yield event
        index += 1
      } else if (this.#ended || signal?.aborted) {
        return
      } else {
        await this.#next(signal)
      }
    }
  }

  #next(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = (): void => {
      this.#waiting.delete(done)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    this.#waiting.add(done)
    signal?.addEventListener('abort', done, { once: true })
    return promise
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}

/** The feeds of deployments that are under way, or ended since this process began. */
export class Feeds {
  readonly #feeds = new Map<DeploymentId, Feed>()

  open(deployment: DeploymentId): Feed {
    const feed = this.#feeds.get(deployment) ?? new Feed()
    this.#feeds.set(deployment, feed)
    // What ended long ago is read from the journal; only so many are kept.
    for (const [id, old] of this.#feeds) {
      if (this.#feeds.size <= KEPT) break
      if (old.ended) this.#feeds.delete(id)
    }
    return feed
  }

  get(deployment: DeploymentId): Feed | undefined {
    return this.#feeds.get(deployment)
  }
}

const KEPT = 20
