import type { EnvironmentRun } from './eval/environment-run.ts'
import type { Value } from './eval/value.ts'

interface Contents {
  readonly root: EnvironmentRun
  readonly value: Value
  readonly trace: 'full' | 'none'
}

/**
 * An evaluated environment. Opaque on purpose: it holds plaintext, so what comes out of it comes out through a function
 * that says what it gives (`toPlain`, `variables`, `files`, `serialise`, `scrub`, `valueAt`, …).
 */
export class Environment {
  readonly #contents: Contents

  constructor(root: EnvironmentRun, value: Value, trace: 'full' | 'none') {
    this.#contents = { root, value, trace }
  }

  /** The name it was evaluated under. */
  get name(): string {
    return this.#contents.root.name
  }

  /** For the language's own exports only. */
  static contentsOf(environment: Environment): Contents {
    return environment.#contents
  }
}
