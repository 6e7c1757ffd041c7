/**
 * `npm run bench`: the figures of bench/, as tables.
 *
 *   npm run bench                        all of them, short
 *   npm run bench -- plane router        these two
 *   npm run bench -- --full --record     with long counts, written down in docs/benchmarks.md
 *   npm run bench -- --json              one JSON object per table and line, for programs
 *
 * A missed target is printed and is no failure; the exit code is 1 only where a bench could not be run.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { BenchTable } from '../bench/table.ts'
import { terminalTable } from './benching/print.ts'
import { record } from './benching/record.ts'

const repository = dirname(import.meta.dirname)

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})

/** The kit the benches share, and no benches themselves. */
const kit = new Set(['table', 'measure'])

const known = globSync('bench/*.ts', { cwd: repository })
  .map((file) => basename(file, '.ts'))
  .filter((name) => !kit.has(name))
  .toSorted()
const unknown = wanted.filter((name) => !known.includes(name))

if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exitCode = 1
} else {
  for (const name of wanted.length > 0 ? wanted : known) await runBench(name)
}

/**
 * Runs one bench in a process of its own, so that no bench measures what another left compiled, cached or open. What
 * keeps it from running is told, and the others are run all the same.
 */
async function runBench(name: string): Promise<void> {
  const child = fork(join(import.meta.dirname, 'benching', 'run-one.ts'), [name, options.full ? 'full' : 'short'], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
  })
  let tables: readonly BenchTable[] | undefined
  child.on('message', (message) => (tables = message as readonly BenchTable[]))
  await once(child, 'exit')
  if (tables === undefined) {
    console.error(`bench ${name} could not be run; the reason stands above`)
    process.exitCode = 1
    return
  }
  for (const table of tables) console.log(options.json ? JSON.stringify({ bench: name, ...table }) : terminalTable(table))
  if (options.record) record(join(repository, 'docs', 'benchmarks.md'), name, tables)
}
