import type { TargetRow } from '@headgate/store'
import { type NeededArtifacts, neededArtifacts } from './needed-artifacts.ts'
import { targetName, targetOf } from './rows.ts'
import type { Surroundings } from './surroundings.ts'

/** How long until an artifact that could not be had is asked for again, in milliseconds: at first, and at most. */
const AGAIN_AFTER = 60_000
const AGAIN_AT_LAST = 60 * 60_000

/** When an artifact that is not here may be asked for again, and how long it was waited for that. */
interface Awaited {
  readonly from: number
  readonly after: number
}

/**
 * Brings here what this node may have to run, and what could be gone back to, while the nodes that have it are there to be
 * asked: whoever takes a target over needs its files, and by then its keeper is gone.
 */
export class StandBy {
  readonly #surroundings: Surroundings
  /** What is needed of each target, as long as nothing is deployed or released there. */
  readonly #needed = new Map<string, NeededArtifacts & { readonly as: string }>()
  /** Artifacts that are here or on their way, or may be asked for again from a time on. */
  readonly #settled = new Map<string, Awaited>()
  #urgent: Promise<void> = Promise.resolve()
  #newest: Promise<void> = Promise.resolve()

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** Waits for nothing: neither are other targets held up by large files of this one, nor what is urgent by the rest. */
  async prepare(row: TargetRow): Promise<void> {
    const { urgent, newest } = await this.#neededBy(row)
    for (const artifact of urgent) this.#urgent = this.#bring(row, artifact, this.#urgent)
    for (const artifact of newest) this.#newest = this.#bring(row, artifact, this.#newest)
  }

  #bring(row: TargetRow, artifact: string, turn: Promise<void>): Promise<void> {
    const { clock, artifacts, log } = this.#surroundings
    const before = this.#settled.get(artifact)
    if ((before?.from ?? 0) > clock.now()) return turn
    this.#settled.set(artifact, HERE)
    return turn
      .then(() => artifacts.has(artifact))
      .catch(() => false)
      .then((here) => {
        if (here) return
        const after = before ? Math.min(2 * before.after, AGAIN_AT_LAST) : AGAIN_AFTER
        this.#settled.set(artifact, { from: clock.now() + after, after })
        if (!before) log({ event: 'an artifact of another node is not here yet', target: targetName(targetOf(row)), artifact })
      })
  }

  async #neededBy(row: TargetRow): Promise<NeededArtifacts> {
    const { store, organisation } = this.#surroundings
    const target = targetOf(row)
    const [last] = await store.releases.list(organisation.id, target, 1)
    const as = `${row.change} ${last?.id ?? ''}`
    const known = this.#needed.get(targetName(target))
    if (known?.as === as) return known
    const needed = await neededArtifacts(this.#surroundings, row)
    this.#needed.set(targetName(target), { as, ...needed })
    // What was not needed until now may have been removed since it was brought.
    for (const artifact of [...needed.urgent, ...needed.newest]) {
      if (!known?.urgent.has(artifact) && !known?.newest.has(artifact)) this.#settled.delete(artifact)
    }
    return needed
  }
}

const HERE: Awaited = { from: Number.MAX_SAFE_INTEGER, after: 0 }
