import type { Reload, Strategy, Thresholds } from '@headgate/model'

/** Shares of a service's traffic in percent, by release. They add up to 100, or there are none. */
export type Shares = Readonly<Record<string, number>>

/** Shares by service. */
export type Traffic = Readonly<Record<string, Shares>>

/** A copy of a service that has a process. What is gone is not listed. */
export interface ObservedInstance {
  readonly id: string
  readonly service: string
  /** The release it runs as: what it was started for, or what was delivered to it since. */
  readonly release: string
  /** What it executes: digest of artifact, command and limits. Two releases may share it. */
  readonly code: string
  /** Digest of the configuration it is pinned to. */
  readonly configuration: string
  readonly state: 'starting' | 'healthy' | 'unhealthy'
  /** It has said which configuration it holds, so another one can reach it while it runs. */
  readonly follows: boolean
}

/** What is there now, as somebody just looked at it: never what a journal says should be there. */
export interface Observed {
  /** The release marked live: the last one that proved good, and where a failure returns to. */
  readonly live?: string
  /** The release whose configuration is pinned for this target. */
  readonly pinned?: string
  readonly instances: readonly ObservedInstance[]
  readonly traffic: Traffic
}

export interface DesiredService {
  readonly name: string
  readonly artifact: string
  readonly code: string
  readonly replicas: number
  readonly reload: Reload
}

export interface DesiredRelease {
  readonly id: string
  /** Digest of its frozen configuration. */
  readonly configuration: string
  readonly services: readonly DesiredService[]
  readonly strategy: Strategy
  readonly thresholds?: Thresholds
}

/** What is wanted: a release, or nothing at all where the target is to be stopped. */
export interface Desired {
  readonly release?: DesiredRelease
  /**
   * `forward`: by the release's strategy, watched at every share. `back`: towards a release that proved good before,
   * at once and without a judge, because a way back that can itself be sent back never ends.
   */
  readonly direction: 'forward' | 'back'
}
