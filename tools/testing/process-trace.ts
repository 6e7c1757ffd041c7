/**
 * Finding again every process a test file started, also those that made a group or session of their own and were
 * meant to outlive their parent: each carries a mark in its environment, which children inherit.
 *
 * Read from /proc, so on Linux only; elsewhere a process is found by its group alone.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const MARK = 'HEADGATE_TEST_FILE'

/** What to add to the environment of a process so that it and its descendants can be found by the same mark. */
export function markedEnvironment(mark: string): NodeJS.ProcessEnv {
  return { [MARK]: mark }
}

/**
 * What still carries the mark, as command lines, after a moment's grace for what is just ending. Where marks cannot be
 * read, the group stands for its members.
 */
export async function findLeftovers(mark: string, group: number): Promise<string[]> {
  for (let attempt = 0; ; attempt += 1) {
    const left =
      process.platform === 'linux' ? findMarked(mark).map(({ command }) => command) : signalGroup(group, 0) ? [`group ${group}`] : []
    if (left.length === 0 || attempt === 5) return left
    await sleep(100)
  }
}

/** Kills the group and every process that carries the mark. */
export function endMarked(mark: string, group: number): void {
  signalGroup(group, 'SIGKILL')
  for (const { pid } of findMarked(mark)) endProcess(pid)
}

function findMarked(mark: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return []
  const entry = `\0${MARK}=${mark}\0`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => `\0${readOrEmpty(`/proc/${name}/environ`)}`.includes(entry))
    .map((name) => ({ pid: Number(name), command: readOrEmpty(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() }))
}

/** Empty for a process that has ended meanwhile or belongs to somebody else. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** False when the group has no member any more. */
function signalGroup(group: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
