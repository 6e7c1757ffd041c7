import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { type Problem, problemOf } from '@headgate/model'
import { printable } from '../output/printable.ts'
import type { World } from '../world.ts'
import type { HeldSignals } from './hold-signals.ts'
import type { Redactor } from './redact-stream.ts'

/** How a program ended, or why it did not begin; the exit codes are those a shell answers with. */
export interface ProgramEnd {
  readonly exitCode: number
  readonly problem?: Problem
}

/** A program that was started. */
export interface StartedProgram {
  readonly ended: Promise<ProgramEnd>
  signal(signal: NodeJS.Signals): void
  /** Asks it to end, and ends it where it does not within ten seconds. */
  stop(): Promise<void>
}

export interface ProgramOptions {
  readonly variables: Readonly<Record<string, string>>
  /** Hides secrets in what it prints; its output is no terminal then. */
  readonly redactor?: () => Redactor
}

/** How long a program that is asked to end may take, in milliseconds. */
const STOP_WITHIN = 10_000

/**
 * Starts a program. It has the terminal, and is sent the signals this process gets; a program that a signal n
 * ended gives 128+n, one that is not there 127, one that cannot be started 126.
 */
export function startProgram(
  command: readonly string[],
  { variables, redactor }: ProgramOptions,
  world: World,
  signals: HeldSignals,
): StartedProgram {
  const [file = '', ...args] = command
  const { spawn } = process.getBuiltinModule('node:child_process')
  const over = Promise.withResolvers<ProgramEnd>()
  const refuse = (cause: unknown): void => over.resolve(notStarted(file, cause as NodeJS.ErrnoException, variables))
  let child: ChildProcess | undefined
  try {
    child = spawn(file, args, { env: variables, cwd: world.cwd, stdio: stdioOf(world, redactor !== undefined) })
    signals.sendTo(child)
    passThrough(child, world, redactor)
    child.on('error', refuse)
    child.on('close', (code, signal) => over.resolve({ exitCode: signal ? 128 + constants.signals[signal] : (code ?? 1) }))
  } catch (cause) {
    // Arguments and variables that are too large are refused before anything is started.
    refuse(cause)
  }
  const signal = (sent: NodeJS.Signals): void => void child?.kill(sent)
  return {
    ended: over.promise,
    signal,
    async stop() {
      signal('SIGTERM')
      const late = setTimeout(() => signal('SIGKILL'), STOP_WITHIN)
      await over.promise
      clearTimeout(late)
    },
  }
}

/** Runs a program to its end, as it is. */
export function runProgram(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
  world: World,
  signals: HeldSignals,
): Promise<ProgramEnd> {
  return startProgram(command, { variables }, world, signals).ended
}

function stdioOf({ handsOverTerminal }: World, redacted: boolean): ('inherit' | 'pipe')[] {
  if (!handsOverTerminal) return ['pipe', 'pipe', 'pipe']
  return redacted ? ['inherit', 'pipe', 'pipe'] : ['inherit', 'inherit', 'inherit']
}

function passThrough(child: ChildProcess, { stdin, stdout, stderr }: World, redactor: (() => Redactor) | undefined): void {
  passOn(child.stdout, stdout, redactor?.())
  passOn(child.stderr, stderr, redactor?.())
  if (!child.stdin) return
  // A program that does not read its input closes it, and what is left of it is nobody's.
  child.stdin.on('error', () => {})
  // What is typed on a terminal that is not handed over is meant for this program's own questions.
  if (stdin.isTTY) child.stdin.end()
  else stdin.pipe(child.stdin)
}

/** A reader that is slower than the program slows the program down, and not this process's memory up. */
function passOn(from: Readable | null, to: NodeJS.WritableStream, redactor: Redactor | undefined): void {
  if (!from) return
  from.on('data', (piece: Buffer) => {
    const shown = redactor ? redactor.take(piece) : piece
    if (shown.length === 0 || to.write(shown)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
  if (redactor) from.on('end', () => void to.write(redactor.end()))
  // A reader that has gone is gone for the program too, which ends by it as it would without this process in between.
  const gone = (): void => void from.destroy()
  to.on('error', gone)
  from.on('close', () => to.off('error', gone))
}

function notStarted(command: string, { code, message }: NodeJS.ErrnoException, variables: ProgramOptions['variables']): ProgramEnd {
  if (code === 'ENOENT') return { exitCode: 127, problem: problemOf('COMMAND_NOT_FOUND', { command }) }
  const reasons = new Map([
    ['EACCES', () => 'it is not a file that may be executed'],
    ['E2BIG', () => `its arguments and variables are larger than the system allows; ${largest(variables)}`],
  ])
  return { exitCode: 126, problem: problemOf('COMMAND_NOT_STARTED', { command, reason: reasons.get(code ?? '')?.() ?? code ?? message }) }
}

function largest(variables: ProgramOptions['variables']): string {
  const sizes = Object.entries(variables).map(([name, value]): [string, number] => [name, Buffer.byteLength(value)])
  const [name, size] = sizes.reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0])
  return `the largest is ${printable(name)} with ${size} bytes, which could be a file: put it under \`files\`, or use --mount`
}
