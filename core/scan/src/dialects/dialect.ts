/**
 * The readers of `.env` files whose reading is known here.
 *
 * `dotenv` is npm dotenv 18 and the norm; the others say what the same file means elsewhere. They are models: nothing is
 * run, no environment is looked at. docs/reference/dotenv.md says where they differ.
 */
export type Dialect = 'dotenv' | 'python-dotenv' | 'python-dotenv-interpolated' | 'bash' | 'docker'

export const DIALECTS: readonly Dialect[] = ['dotenv', 'python-dotenv', 'python-dotenv-interpolated', 'bash', 'docker']

/** What a reader makes of a file. */
export interface DialectReading {
  /** A name without a value (`NAME` alone on a line) is null to the readers that know such a thing. */
  readonly values: ReadonlyMap<string, string | null>
  /**
   * The first line where the reader does something that cannot be told from the text: a shell that runs a command or
   * meets a syntax error. What comes after it is not read.
   */
  readonly stoppedAt?: number
}
