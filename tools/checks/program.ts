import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

export interface ProgramEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program to its end, with no shell and no input. A program of node_modules is found by its name, and runs on
 * this Node. Throws only where it cannot be started.
 */
export function runProgram(
  repository: string,
  [name, ...rest]: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv = {},
): Promise<ProgramEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramEnd>()
  const path = [dirname(process.execPath), join(repository, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(name, rest, {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path, NO_COLOR: '1', ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.on('error', reject)
  child.on('close', (code) => resolve({ code, stdout, stderr }))
  return promise
}
