import { errorCatalogue, type Problem } from '@headgate/model'

/** What the command line ends with. The numbers are part of its interface: scripts decide on them. */
export const exitCodes = {
  ok: 0,
  /** A problem, or a check that did not pass. */
  problem: 1,
  /** The command was not written as it is understood, or needs a terminal and has none. */
  usage: 2,
  /** Not signed in, or not permitted. */
  denied: 3,
  notFound: 4,
  /** Somebody else was faster, or the thing is there already. */
  conflict: 5,
  /** No plane answers. */
  unreachable: 6,
  /** A mistake in Headgate itself. */
  bug: 70,
} as const

/** Behind 128 stands the number of the signal that ended it. */
export type ExitCode = number

const usageCodes: readonly string[] = ['USAGE', 'TERMINAL_REQUIRED', 'REFERENCE_INVALID', 'PATH_INVALID', 'NAME_INVALID', 'TAG_INVALID']
const unreachableCodes: readonly string[] = ['PLANE_UNREACHABLE', 'ANSWER_UNREADABLE', 'CONFIG_UNAVAILABLE']

/** The exit code of a problem: by its status, but where a status means something else between programs. */
export function exitCodeOf(problem: Problem): ExitCode {
  if (usageCodes.includes(problem.code)) return exitCodes.usage
  if (unreachableCodes.includes(problem.code)) return exitCodes.unreachable
  const status = statusOf(problem)
  if (status === 401 || status === 403) return exitCodes.denied
  if (status === 404) return exitCodes.notFound
  if (status === 409) return exitCodes.conflict
  return exitCodes.problem
}

/** Undefined for a code this catalogue does not have, which a newer plane may answer with. */
function statusOf({ code }: Problem): number | undefined {
  const known: Readonly<Record<string, { readonly status: number }>> = errorCatalogue
  return known[code]?.status
}
