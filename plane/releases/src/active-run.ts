import type { Release } from '@headgate/model'
import type { Reading } from '@headgate/rollout'
import type { DeploymentRow, RunRow, StepRow } from '@headgate/store'
import type { Feed } from './feed.ts'
import { stepOf } from './rows.ts'

/** A deployment under way, with the run it is at. */
export interface ActiveRun {
  deployment: DeploymentRow
  run: RunRow
  steps: StepRow[]
  /** What its plan leads to; undefined where everything is to be stopped. */
  wanted: Release | undefined
  readonly feed: Feed
  /** Aborted when somebody asks for the way back; the reason says who and why. */
  readonly asked: AbortController
  /** Aborted when the next deployment takes over what this one, live already, still had to drain and stop. */
  handOn: AbortController
  /** What the router counted, oldest first, since the release began to take traffic. */
  readonly readings: { readonly time: number; readonly byService: Readonly<Record<string, Reading & { readonly all: number }>> }[]
  /** Resolves when the deployment has ended, or is not executed here any more. */
  ended: Promise<void>
}

/** A deployment as it is when this process begins to execute it, from its rows. */
export function activeRunOf(rows: Pick<ActiveRun, 'deployment' | 'run' | 'steps'>, wanted: Release | undefined, feed: Feed): ActiveRun {
  return { ...rows, wanted, feed, asked: new AbortController(), handOn: new AbortController(), readings: [], ended: Promise.resolve() }
}

/** Why somebody asked for the way back. */
export class AskedBack extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'AskedBack'
  }
}

/** Why the rest of a deployment is left to the next one. */
export class HandedOn extends Error {
  constructor() {
    super('the next deployment goes on with it')
    this.name = 'HandedOn'
  }
}

/** Whether what was asked for is marked live already (nothing, where all is to be stopped), so that a failure does not go back any more. */
export function isPastReturn({ run, steps }: ActiveRun): boolean {
  return run.direction === 'forward' && steps.some((row) => row.state === 'done' && stepOf(row).kind === 'mark-live')
}
