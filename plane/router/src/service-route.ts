import type { Hold } from './hold.ts'
import type { Upstream } from './upstream.ts'

/** The instances of one release behind a service, and its place in the round. */
export interface Share {
  readonly release: string
  readonly weight: number
  readonly upstreams: readonly Upstream[]
  /** Smooth weighted round robin: how much this release is owed. */
  owed: number
  /** Where the search for the least loaded instance begins, so equals take turns. */
  turn: number
}

/** One service of the table in force: whose turn it is. */
export class ServiceRoute {
  readonly id: string
  readonly responseMs: number
  readonly shares: readonly Share[]
  /** Set while the service is paused. */
  hold: Hold | undefined

  constructor(id: string, responseMs: number, upstreams: readonly Upstream[], before?: ServiceRoute) {
    this.id = id
    this.responseMs = responseMs
    this.shares = sharesOf(upstreams)
    this.hold = before?.hold
    if (before && sameWeights(this.shares, before.shares)) {
      for (const [index, share] of this.shares.entries()) share.owed = before.shares[index]?.owed ?? 0
    }
  }

  /**
   * Takes the upstream of the next request. Releases take turns by weight so that any window of as many requests as
   * the weights add up to holds exactly their shares; within a release the instance with the least work is taken.
   *
   * Those that lately could not be reached are passed over while another can be. Undefined when none is left.
   *
   * @param tried what this request already failed to reach
   */
  claim(tried?: ReadonlySet<Upstream>): Upstream | undefined {
    return this.#claim(tried, { passedOver: 'no' }) ?? this.#claim(tried, { passedOver: 'too' })
  }

  #claim(tried: ReadonlySet<Upstream> | undefined, including: Including): Upstream | undefined {
    let best: Share | undefined
    let chosen: Upstream | undefined
    let total = 0
    for (const share of this.shares) {
      const upstream = leastLoaded(share, tried, including)
      if (!upstream) continue
      share.owed += share.weight
      total += share.weight
      if (!best || share.owed > best.owed) {
        best = share
        chosen = upstream
      }
    }
    if (!best || !chosen) return undefined
    best.owed -= total
    best.turn += 1
    return chosen
  }
}

/** Whether instances that lately could not be reached take part. */
interface Including {
  readonly passedOver: 'no' | 'too'
}

function leastLoaded(share: Share, tried: ReadonlySet<Upstream> | undefined, including: Including): Upstream | undefined {
  const count = share.upstreams.length
  let best: Upstream | undefined
  for (let step = 0; step < count; step += 1) {
    const upstream = share.upstreams[(share.turn + step) % count] as Upstream
    if (tried?.has(upstream) || (including.passedOver === 'no' && upstream.passedOver)) continue
    if (!best || upstream.load < best.load) best = upstream
  }
  return best
}

function sharesOf(upstreams: readonly Upstream[]): Share[] {
  const byRelease = new Map<string, Upstream[]>()
  for (const upstream of upstreams) {
    if (upstream.weight === 0) continue
    const same = byRelease.get(upstream.release)
    if (same) same.push(upstream)
    else byRelease.set(upstream.release, [upstream])
  }
  return [...byRelease].map(([release, members]) => ({
    release,
    weight: (members[0] as Upstream).weight,
    upstreams: members,
    owed: 0,
    turn: 0,
  }))
}

function sameWeights(a: readonly Share[], b: readonly Share[]): boolean {
  return a.length === b.length && a.every((share, index) => share.release === b[index]?.release && share.weight === b[index]?.weight)
}
