/**
 * `npm test`: every test of the repository, each file in a process of its own.
 *
 *   npm test                      all of them
 *   npm test -- core/lang open    the files whose path holds one of these
 *   npm run prove                 with the long counts (HEADGATE_PROVE=1)
 *   npm run accept                rewriting what a test compares with (HEADGATE_ACCEPT=1); the difference is the review
 *
 * The last line is `N passed, N failed`. The exit code is 1 when something failed or nothing ran.
 */
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { bringBundle } from './bundle-command.ts'
import { collectTestFiles } from './testing/collect.ts'
import { type FileLimits, type FileOutcome, endAllTestProcesses, runTestFile } from './testing/file-process.ts'
import { reportFile, reportRun } from './testing/report.ts'

const repository = dirname(import.meta.dirname)

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { prove: { type: 'boolean', default: false }, accept: { type: 'boolean', default: false } },
})

const seed = process.env['HEADGATE_SEED'] ?? String(randomInt(2 ** 31))
const files = collectTestFiles(repository, filters)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endAllTestProcesses()
    process.kill(process.pid, signal)
  })
}

console.log(`${files.length} test files on Node ${process.versions.node}; the same random choices again: HEADGATE_SEED=${seed}`)
// The command is tested as it is published, and starts in half the time; a few files alone are not worth the bundling.
if (filters.length === 0) await bringBundle().catch(() => undefined)
const outcomes = await runAll(files)
reportRun(repository, outcomes, filters)
process.exitCode = outcomes.some(({ passed }) => passed.length > 0) && outcomes.every(({ failed }) => failed.length === 0) ? 0 : 1

/** Runs the files side by side, as many at a time as the machine has cores, and reports each as it ends. */
async function runAll(queue: readonly string[]): Promise<FileOutcome[]> {
  const waiting = [...queue]
  const done: FileOutcome[] = []
  const environment = testEnvironment()
  const limits = fileLimits()
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const outcome = await runTestFile(file, limits, environment)
      done.push(outcome)
      reportFile(repository, outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  return done
}

function fileLimits(): FileLimits {
  const minutes = 60_000
  return options.prove
    ? { testMilliseconds: 60 * minutes, fileMilliseconds: 90 * minutes, idleMilliseconds: 15_000 }
    : { testMilliseconds: 3 * minutes, fileMilliseconds: 10 * minutes, idleMilliseconds: 15_000 }
}

/** The user's environment, but `node` is this Node, and no setting of Headgate's comes from the user's shell. */
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = new Set(['HEADGATE_SHARED', 'HEADGATE_SEED', 'HEADGATE_PROVE', 'HEADGATE_ACCEPT'])
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('HEADGATE_') || kept.has(name))
  return {
    ...Object.fromEntries(own),
    PATH: [dirname(process.execPath), join(repository, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter),
    HEADGATE_SEED: seed,
    ...(options.prove ? { HEADGATE_PROVE: '1' } : {}),
    ...(options.accept ? { HEADGATE_ACCEPT: '1' } : {}),
  }
}
