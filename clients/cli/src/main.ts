/** The entry of the `headgate` process: bin/headgate.mjs calls `main` and ends with what it returns. */
import { problemOf } from '@headgate/model'
import { runCommandLine } from './command-line.ts'
import { exitCodes } from './exit-code.ts'
import { createOutput } from './output/output.ts'
import { processWorld } from './world.ts'

/** Runs the command this process was started with, and returns its exit code. */
export async function main(): Promise<number> {
  const world = processWorld()
  let unwritten = false
  process.stdout.on('error', ({ code = 'it broke off' }: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) closes the pipe; that is no failure of ours.
    if (code !== 'EPIPE' && !unwritten) {
      unwritten = true
      createOutput(world, { json: false }).problem(problemOf('FILE_UNWRITABLE', { file: 'standard output', reason: code }))
    }
    // Who has something to clean up listens too.
    if (process.stdout.listenerCount('error') === 1) process.exit(unwritten ? exitCodes.problem : exitCodes.ok)
  })
  // Nobody can be told that nobody can be told; a plane whose log reader or terminal has gone serves on, and ends in order.
  process.stderr.on('error', () => {})
  const exitCode = await runCommandLine(process.argv.slice(2), world)
  await Promise.all([process.stdout, process.stderr].map(written))
  return unwritten ? exitCode || exitCodes.problem : exitCode
}

/** Resolves when everything a stream was given has left this process, or its reader has gone. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  // What could not be written is told a moment later; writing nothing after it would fail where nothing was to be written.
  return new Promise((resolve) => (stream.writableLength === 0 ? setImmediate(resolve) : stream.write('', () => resolve())))
}
