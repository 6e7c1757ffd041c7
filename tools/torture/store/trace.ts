import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ground, groundIn } from './plane-at.ts'

/** Calls that change what is on the disk. */
export const writingCalls = ['pwrite64', 'write', 'ftruncate', 'fsync', 'fdatasync', 'rename', 'unlink'] as const
const recordedCalls = [...writingCalls, 'openat', 'pwritev', 'writev', 'renameat', 'renameat2', 'unlinkat']

export interface RunOptions {
  /** The file of the workload's process. */
  readonly program: string
  /** Below it are the ground and what the run says. */
  readonly folder: string
  readonly seed: number
  readonly acts: number
  readonly answers?: 'early'
}

export interface Run {
  /** What the workload said. */
  readonly said: string
  readonly stderr: string
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
}

/** Whether faults can be injected here. */
export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=none', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export function ledgerFile(folder: string): string {
  return join(folder, 'ledger')
}

/** The files a plane keeps state in, and their folders. The shared memory of SQLite is none: it is made anew. */
export function stateFiles({ data, keyFile }: Ground): string[] {
  const anchor = `${keyFile}.checkpoint`
  return [data, join(keyFile, '..'), join(data, 'headgate.db'), join(data, 'headgate.db-wal'), anchor, `${anchor}.new`]
}

/** The workload with its calls on the state files tampered with, as strace spells it (`pwrite64:error=EIO:when=3`). */
export function runInjected(options: RunOptions, injections: readonly string[]): Promise<Run> {
  const calls = [...new Set(injections.map((injection) => injection.split(':')[0]))].join(',')
  const words = ['-o', '/dev/null', '-e', `trace=${calls}`, ...injections.flatMap((injection) => ['-e', `inject=${injection}`])]
  return run(options, ['strace', '-f', '--seccomp-bpf', '-qq', ...words, ...pathsOf(stateFiles(groundIn(options.folder)))])
}

/** The workload with every call on the state files, and every line it says, written down. */
export function runRecorded(options: RunOptions, recording: string): Promise<Run> {
  const words = ['-o', recording, '-y', '-xx', '-s', '70000', '-e', `trace=${recordedCalls.join(',')}`]
  const files = [...stateFiles(groundIn(options.folder)), ledgerFile(options.folder)]
  return run(options, ['strace', '-f', '--seccomp-bpf', '-qq', ...words, ...pathsOf(files)])
}

/** The workload killed so long after it was ready. */
export function runKilledAfter(options: RunOptions, milliseconds: number): Promise<Run> {
  return run(options, [], milliseconds)
}

function pathsOf(files: readonly string[]): string[] {
  return files.flatMap((file) => ['-P', file])
}

async function run({ program, folder, seed, acts, answers }: RunOptions, before: readonly string[], killAfter?: number): Promise<Run> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', program]
  const [command = '', ...words] = [...before, ...node, folder, String(seed), String(acts), ...(answers ? [answers] : [])]
  const ledger = openSync(ledgerFile(folder), 'w')
  try {
    const child = spawn(command, words, { stdio: ['ignore', ledger, 'pipe'], detached: true })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    if (killAfter !== undefined) void killWhenReady(folder, killAfter, () => child.kill('SIGKILL'), ended)
    const [code, signal] = await ended
    return { said: readFileSync(ledgerFile(folder), 'utf8'), stderr, code, signal }
  } finally {
    closeSync(ledger)
  }
}

async function killWhenReady(folder: string, after: number, kill: () => void, ended: Promise<unknown>): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  while (!over && !readFileSync(ledgerFile(folder), 'utf8').startsWith('ready')) await new Promise((resolve) => setTimeout(resolve, 5))
  setTimeout(kill, after).unref()
}
