import { readFile, readdir } from 'node:fs/promises'

/** A process by pid and start: together they name it for good, since a pid is given out again. */
export interface ProcessIdentity {
  readonly pid: number
  /** The boot it belongs to and the tick it started at, as the kernel states them. */
  readonly started: string
}

interface ProcessEntry {
  readonly pid: number
  readonly state: string
  readonly session: number
  readonly startTick: string
}

/**
 * Reads a line of /proc/PID/stat. The second field is the command in parentheses and may itself hold blanks and
 * parentheses; all others follow the last one.
 */
export function parseStat(line: string): ProcessEntry | undefined {
  const pid = Number.parseInt(line, 10)
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state, session, startTick] = [fields[0], fields[3], fields[19]]
  if (!Number.isSafeInteger(pid) || state === undefined || session === undefined || startTick === undefined) return undefined
  return { pid, state, session: Number(session), startTick }
}

async function entryOf(pid: number): Promise<ProcessEntry | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const entry = line === '' ? undefined : parseStat(line)
  // Dead, and only waiting for its parent to notice.
  return entry?.state === 'Z' || entry?.state === 'X' ? undefined : entry
}

/** Whether this very process still runs. */
export async function isRunning({ pid, started }: ProcessIdentity): Promise<boolean> {
  const [boot, tick] = started.split('/')
  if (tick === undefined) return answersSignals(pid)
  const entry = await entryOf(pid)
  return entry !== undefined && entry.startTick === tick && boot === (await bootId())
}

/** All that can be known where the kernel states no start times. */
function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

let boot: Promise<string> | undefined

/** Changes with every start of the machine; empty where the kernel tells none. */
export function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
    (text) => text.trim(),
    () => '',
  )
  return boot
}

/**
 * Every living process of the session that this process opened, itself included while it lives.
 *
 * A session outlives its leader, and its number is not given out again before its last member is gone: so if another
 * process carries the number now, nothing of ours is left.
 */
export async function sessionMembers(leader: ProcessIdentity): Promise<readonly number[]> {
  const tick = leader.started.split('/')[1]
  const holder = await entryOf(leader.pid)
  if (holder !== undefined && tick !== undefined && holder.startTick !== tick) return []
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isSafeInteger)
  return stillIn(leader, pids)
}

/** Which of some processes live and are of the session. */
export async function stillIn(leader: ProcessIdentity, pids: readonly number[]): Promise<readonly number[]> {
  const tick = leader.started.split('/')[1]
  const entries = await Promise.all(pids.map(entryOf))
  return entries.filter((entry) => entry?.session === leader.pid && notBefore(entry.startTick, tick)).map((entry) => entry?.pid ?? 0)
}

function notBefore(tick: string, first: string | undefined): boolean {
  return first === undefined || Number(tick) >= Number(first)
}

/** The memory that processes hold in bytes, as the kernel counts it for each. */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
