/** The entry of the `headgate` process: bin/headgate.mjs calls `main` and ends with what it returns. */
import { runCommandLine } from './command-line.ts'
import { exitCodes } from './exit-code.ts'
import { processWorld } from './world.ts'

/** Runs the command this process was started with, and returns its exit code. */
export async function main(): Promise<number> {
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok)
    throw error
  })
  const exitCode = await runCommandLine(process.argv.slice(2), processWorld())
  await Promise.all([process.stdout, process.stderr].map(written))
  return exitCode
}

/** Resolves when everything a stream was given has left this process, or its reader has gone. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
