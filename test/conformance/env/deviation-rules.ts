/** One variable that Headgate and npm dotenv see differently. */
export interface Difference {
  readonly name: string
  /** What npm dotenv has; undefined where it has no such variable. */
  readonly expected: string | undefined
  /** What Headgate has; undefined where it has no such variable. */
  readonly actual: string | undefined
  /** The line of the assignment, where Headgate has one. */
  readonly line: number | undefined
}

/** A deliberate deviation. It speaks of a situation, never of a file, and is described in docs/reference/dotenv.md. */
export interface DeviationRule {
  readonly name: string
  readonly why: string
  readonly explains: (difference: Difference) => boolean
}

export const DEVIATION_RULES: readonly DeviationRule[] = [
  {
    name: 'prototype-name',
    why: 'npm dotenv collects into a plain object, where a variable called __proto__ is lost without a word; it is kept here',
    explains: ({ name, expected, actual }) => name === '__proto__' && expected === undefined && actual !== undefined,
  },
]
