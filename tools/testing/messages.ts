/** What the process of a test file tells the runner. */
export type FileMessage = Started | Ended | Passed | Failed | LeftOut | Remark | Open | Done

export interface Started {
  readonly type: 'started'
  readonly name: string
  readonly nesting: number
}

/** A test or suite has ended, however it did; its outcome is told apart, and for a suite only if it failed. */
export interface Ended {
  readonly type: 'ended'
  readonly name: string
  readonly nesting: number
}

interface Outcome {
  readonly name: string
  /** Absent where the failure is the file's own. */
  readonly line?: number
  readonly milliseconds: number
}

export interface Passed extends Outcome {
  readonly type: 'passed'
}

export interface Failed extends Outcome {
  readonly type: 'failed'
  /** What was thrown, with its stack. */
  readonly error: string
}

export interface LeftOut extends Outcome {
  readonly type: 'left out'
  readonly reason: string
}

/** Something went wrong that belongs to no running test. */
export interface Remark {
  readonly type: 'remark'
  readonly text: string
}

/** The answer to any message from the runner: what keeps the process alive, as far as Node knows. */
export interface Open {
  readonly type: 'open'
  readonly resources: readonly string[]
}

/** Every test has ended. */
export interface Done {
  readonly type: 'done'
}
