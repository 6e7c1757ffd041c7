import type { Release, Result } from '@headgate/model'
import type { Step, StepKind } from '@headgate/rollout'
import type { ActiveRun } from '../active-run.ts'
import type { Draft } from '../draft.ts'
import type { ReleaseNews } from '../feed.ts'
import type { TargetKeeper } from '../target-keeper.ts'

/** What a step is done with. */
export interface StepContext {
  readonly keeper: TargetKeeper
  readonly active: ActiveRun
  /** The same for every attempt at this step, and for no other step: what is done under it is done once. */
  readonly key: string
  /** Aborts when the step must not go on: the plane goes down, the lease is lost, or somebody asked for the way back. */
  readonly signal: AbortSignal
  /** Absolute, in milliseconds since 1970; the same after a crash. */
  readonly deadline: number | undefined
  /** What an earlier attempt at this step wrote down, if there was one. */
  readonly memory: unknown
  /** Writes down what a later attempt has to know, before anything follows from it. */
  remember(memory: unknown): Promise<void>
  /** Writes rows down before the step goes on; a conflict is an answer. */
  enter(action: string, draft: Draft, details: Record<string, string | number>): Promise<Result<void>>
  tell(news: ReleaseNews): void
  release(id: string): Promise<Release>
}

/** What came of a step. Its rows are written in one Change with the journal's entry that it is done. */
export interface StepDone {
  readonly draft?: Draft
  /** What it found, in one sentence. */
  readonly detail?: string
  /** Runs once the journal has it; has to be harmless when it is left out, because a crash may come in between. */
  readonly afterwards?: () => Promise<void>
}

export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>

/**
 * Does one kind of step: observe, act, verify. It may be called again for the same step after a crash at any point, and
 * then does only what is left of it. A refusal fails the run, its message being the reason.
 */
export type StepHandler<K extends StepKind> = (context: StepContext, step: StepOf<K>) => Promise<Result<StepDone>>
