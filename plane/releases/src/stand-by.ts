import type { ReleaseId, ReleaseTarget } from '@headgate/model'
import { releaseOf, targetName, targetOf } from './rows.ts'
import type { TargetRow } from '@headgate/store'
import type { Surroundings } from './surroundings.ts'

/** How long until an artifact that could not be had is asked for again, in milliseconds. */
const AGAIN_AFTER = 60_000

/**
 * Brings here what another node runs, and what it would go back to, while that node is there to be asked: whoever takes a
 * target over needs its files, and by then its keeper is gone.
 */
export class StandBy {
  readonly #surroundings: Surroundings
  /** Artifacts that are here or on their way, or may be asked for again from a time on. */
  readonly #settled = new Map<string, number>()
  #turn: Promise<void> = Promise.resolve()

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** Waits for nothing: other targets are not held up by large files of this one. */
  async prepare(row: TargetRow): Promise<void> {
    const { clock, artifacts, log } = this.#surroundings
    const target = targetOf(row)
    for (const artifact of await this.#artifactsOf(target, row.live)) {
      if ((this.#settled.get(artifact) ?? 0) > clock.now()) continue
      this.#settled.set(artifact, Number.MAX_SAFE_INTEGER)
      this.#turn = this.#turn
        .then(() => artifacts.has(artifact))
        .catch(() => false)
        .then((here) => {
          if (here) return
          this.#settled.set(artifact, clock.now() + AGAIN_AFTER)
          log({ event: 'an artifact of another node is not here yet', target: targetName(target), artifact })
        })
    }
  }

  async #artifactsOf(target: ReleaseTarget, live: ReleaseId | null): Promise<Set<string>> {
    const { store, organisation } = this.#surroundings
    const [newest] = await store.deployments.list(organisation.id, target, 1)
    const needed = new Set([live, newest?.release, newest?.previous])
    const artifacts = new Set<string>()
    for (const id of needed) {
      const row = id ? await store.releases.get(id) : undefined
      for (const { artifact } of row ? releaseOf(row).content.services : []) artifacts.add(artifact)
    }
    return artifacts
  }
}
