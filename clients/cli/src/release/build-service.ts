import { spawn } from 'node:child_process'
import type { World } from '../world.ts'
import { end } from '../outcome.ts'

/**
 * Runs a service's `build` command in the application's folder, as its user would: through the shell, with what it
 * prints on standard error, because standard output is the answer's.
 */
export async function buildService(world: World, service: string, command: string, cwd: string): Promise<void> {
  const child = spawn(command, { cwd, env: { ...world.env }, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout?.pipe(world.stderr, { end: false })
  child.stderr?.pipe(world.stderr, { end: false })
  const forget = world.onSignal(['SIGINT', 'SIGTERM'], (signal) => child.kill(signal))
  const ended = await new Promise<string | undefined>((resolve) => {
    child.on('error', (cause) => resolve(cause.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : signal ? `signal ${signal}` : `exit code ${code}`))
  })
  forget()
  if (ended !== undefined) end('BUILD_FAILED', { service, command, ended })
}
