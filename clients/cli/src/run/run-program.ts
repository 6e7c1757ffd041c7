import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { CliProblem } from '../outcome.ts'
import { cliProblem } from '../problems.ts'
import type { World } from '../world.ts'
import type { HeldSignals } from './hold-signals.ts'

/** How a program ended, or why it did not begin; the exit codes are those a shell answers with. */
export interface ProgramEnd {
  readonly exitCode: number
  readonly problem?: CliProblem
}

/**
 * Runs a program to its end. It has the terminal, and is sent the signals this process gets; a program that a signal n
 * ended gives 128+n, one that is not there 127, one that cannot be started 126.
 */
export function runProgram(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
  world: World,
  signals: HeldSignals,
): Promise<ProgramEnd> {
  const [file = '', ...args] = command
  return new Promise((resolve) => {
    const refuse = (cause: unknown) => resolve(notStarted(file, cause as NodeJS.ErrnoException))
    let child: ChildProcess
    try {
      child = spawn(file, args, { env: variables, cwd: world.cwd, stdio: world.handsOverTerminal ? 'inherit' : 'pipe' })
    } catch (cause) {
      // Arguments and variables that are too large are refused before anything is started.
      refuse(cause)
      return
    }
    signals.sendTo(child)
    if (!world.handsOverTerminal) pipeThrough(child, world)
    child.on('error', refuse)
    child.on('close', (code, signal) => resolve({ exitCode: signal ? 128 + constants.signals[signal] : (code ?? 1) }))
  })
}

function pipeThrough(child: ChildProcess, { stdin, stdout, stderr }: World): void {
  child.stdout?.on('data', (chunk: Buffer) => stdout.write(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.write(chunk))
  // A program that does not read its input closes it, and what is left of it is nobody's.
  child.stdin?.on('error', () => {})
  // What is typed on a terminal that is not handed over is meant for this program's own questions.
  if (stdin.isTTY) child.stdin?.end()
  else if (child.stdin) stdin.pipe(child.stdin)
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it is not a file that may be executed',
  E2BIG: 'its arguments and variables together are larger than the system allows',
}

function notStarted(command: string, { code, message }: NodeJS.ErrnoException): ProgramEnd {
  if (code === 'ENOENT') return { exitCode: 127, problem: cliProblem('COMMAND_NOT_FOUND', { command }) }
  const reason = reasons[code ?? ''] ?? code ?? message
  return { exitCode: 126, problem: cliProblem('COMMAND_NOT_STARTED', { command, reason }) }
}
