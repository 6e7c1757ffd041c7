import type { LoadOptions } from './load.ts'
import type { Tally } from './tally.ts'

/** What the workers of one load share. */
export interface Run {
  readonly target: URL
  readonly options: LoadOptions
  readonly tally: Tally
  /** Aborted when no further request is to begin. */
  readonly ending: AbortSignal
}

/** The Host header of a worker; undefined where it is the target's. */
export function hostOf({ options: { host } }: Run, worker: number): string | undefined {
  return typeof host === 'object' ? host[worker % host.length] : host
}
