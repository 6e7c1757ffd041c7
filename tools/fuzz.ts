/**
 * `npm run fuzz -- TARGET [--seconds 60] [--seed N]`: throws made-up input at one part of Headgate until the time is over
 * or a rule is broken. Each target is a file in tools/fuzz that exports `fuzz({seconds, seed})`. The same seed makes the
 * same inputs in the same order.
 */
import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

interface FuzzTarget {
  fuzz(options: { readonly seconds: number; readonly seed: number }): Promise<{
    readonly runs: number
    readonly seed: number
    readonly failure?: { readonly text: string; readonly message: string }
  }>
}

const repository = dirname(import.meta.dirname)
const targets = globSync('tools/fuzz/*.ts', { cwd: repository })
  .map((file) => basename(file, '.ts'))
  .toSorted()

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
})
const [name] = positionals
if (name === undefined || !targets.includes(name)) {
  console.error(`usage: npm run fuzz -- TARGET [--seconds N] [--seed N]; the targets are ${targets.join(', ')}`)
  process.exit(2)
}
const target = (await import(pathToFileURL(join(repository, 'tools', 'fuzz', `${name}.ts`)).href)) as FuzzTarget
const { runs, seed, failure } = await target.fuzz({ seconds: Number(values.seconds), seed: Number(values.seed) })
if (failure) {
  console.log(`✗ ${name}: broken after ${runs} inputs of seed ${seed}\n${failure.message}\n--- input\n${failure.text}`)
  process.exitCode = 1
} else console.log(`${name}: ${runs} inputs of seed ${seed}, no rule broken`)
