import { type ErrorCode, type Problem, type Result, problemOf } from '@headgate/model'

/**
 * Ends a command with a problem. A command is a list of steps each of which needs the one before, so where one is
 * refused the command is over: only command-line.ts catches this. Steps that can go on look at the Result themselves.
 */
export class CommandEnded extends Error {
  readonly problem: Problem
  readonly sources: Sources

  constructor(problem: Problem, sources: Sources = {}) {
    super(problem.message)
    this.name = 'CommandEnded'
    this.problem = problem
    this.sources = sources
  }
}

/** Texts by the file name that diagnostics call them, to show the lines that are meant. */
export type Sources = Readonly<Record<string, string>>

/** The value of a result; a refusal ends the command. */
export function need<T>(result: Result<T>, sources?: Sources): T {
  if (!result.ok) throw new CommandEnded(result.problem, sources)
  return result.value
}

type Details = Readonly<Record<string, string | number>>

/** Ends the command with a problem of the catalogue. */
export function end(code: ErrorCode, details: Details = {}): never {
  throw new CommandEnded(problemOf(code, details))
}
