import type { Diagnostic } from './diagnostic.ts'
import { type ErrorCode, describeError } from './errors/index.ts'

/** A refused request as a value: what was asked for that could not be, and what to do next. Never a bug. */
export interface Problem {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  /** What the message was filled in with, for machines. Never a secret. */
  readonly details: Readonly<Record<string, string | number>>
  /** Mistakes in a text the request carried, each with its place. */
  readonly diagnostics?: readonly Diagnostic[]
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

/** The refusal of a request, its sentence taken from the catalogue. */
export function refuse(
  code: ErrorCode,
  details: Readonly<Record<string, string | number>> = {},
  diagnostics?: readonly Diagnostic[],
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: problemOf(code, details, diagnostics) }
}

export function problemOf(
  code: ErrorCode,
  details: Readonly<Record<string, string | number>> = {},
  diagnostics?: readonly Diagnostic[],
): Problem {
  const { message, hint } = describeError(code, details)
  return { code, message, details, ...(hint ? { hint } : {}), ...(diagnostics?.length ? { diagnostics } : {}) }
}

/**
 * The exception for broken surroundings (a damaged database, a lost key, a full disk) and for carrying a problem
 * through code that can only throw. Mistakes of users are `Problem` values instead.
 */
export class HeadgateError extends Error {
  readonly problem: Problem

  constructor(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const problem = problemOf(code, details)
    super(problem.message, options)
    this.name = 'HeadgateError'
    this.problem = problem
  }

  get code(): ErrorCode {
    return this.problem.code
  }
}
