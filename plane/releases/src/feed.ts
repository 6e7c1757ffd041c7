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

/** What happened in a deployment, in order. Of the numbers nothing is to be known but that they rise. */
export type ReleaseEvent = { readonly sequence: number; readonly time: number } & ReleaseNews

/** Between two numbers of what is in the journal: more than is told besides of one step, however long that is watched. */
const BETWEEN = 1_000_000
/** Where the plan back begins in the journal: no plan has so many steps. */
const BACK = 100_000

/**
 * The news of one deployment: kept from its beginning, told to whoever listens, ended with the deployment.
 *
 * What is in the journal has the same number whoever tells it: who executes, one that took over, or one that only reads it. So
 * someone who follows by the numbers, and goes on elsewhere, misses no step; of what is told in between, and is in no journal,
 * they may miss what a step had left.
 */
export class Feed {
  readonly #events: ReleaseEvent[] = []
  /** The number of each step's beginning, counted in the journal. */
  readonly #steps = new Map<string, number>()
  readonly #waiting = new Set<() => void>()
  #ended = false

  tell(time: number, news: ReleaseNews): void {
    if (this.#ended) return
    const last = this.#events.at(-1)?.sequence ?? 0
    this.#events.push({ sequence: Math.max(last + 1, this.#numberOf(news) * BETWEEN), time, ...news })
    this.#wake()
  }

  #numberOf(news: ReleaseNews): number {
    if (news.type === 'plan') {
      const first = news.direction === 'back' ? BACK : 0
      for (const [index, { key }] of news.steps.entries()) this.#steps.set(key, first + 2 * index + 1)
      return first
    }
    if (news.type !== 'step') return 0
    const begun = this.#steps.get(news.key) ?? 0
    return news.state === 'waiting' || news.state === 'running' ? begun : begun + 1
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
