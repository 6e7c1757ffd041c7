import { readFileSync } from 'node:fs'

/** A process by pid and start time: together they name it for good, since a pid is given out again. */
export interface ProcessIdentity {
  readonly pid: number
  /** Boot and start tick as the kernel states them; empty where it states none (not Linux). */
  readonly startTime: string
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' }
}

/**
 * Whether this very process still runs. Exact on Linux; elsewhere true may be a stranger with the same pid, so a caller must also ask the
 * control socket for the run's id.
 */
export function stillRuns(identity: ProcessIdentity): boolean {
  if (identity.startTime !== '') return startTimeOf(identity.pid) === identity.startTime
  try {
    process.kill(identity.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Undefined when there is no such process, when it is dead and only waits for its parent to notice, or off Linux. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the command in parentheses and may itself hold spaces and parentheses; all others follow the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}
