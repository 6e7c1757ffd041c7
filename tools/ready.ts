/**
 * `npm run ready`: what a change must pass.
 *
 *   npm run ready                       every check, the tests last
 *   npm run ready -- --only boundaries  this one alone; may be given several times
 *   npm run ready -- --fast             all but the tests
 *   npm run ready -- --fix              first puts right what needs no judgement: formatting, documents written from code
 */
import { dirname } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { boundaries } from './checks/boundaries.ts'
import { documents } from './checks/documents.ts'
import { type Check, type Finding, describeFinding } from './checks/finding.ts'
import { format } from './checks/format.ts'
import { lint } from './checks/lint.ts'
import { names } from './checks/names.ts'
import { sizes } from './checks/sizes.ts'
import { tests } from './checks/tests.ts'
import { watchTree } from './checks/tree.ts'
import { types } from './checks/types.ts'
import { unused } from './checks/unused.ts'

const repository = dirname(import.meta.dirname)

/** These only read, and run side by side; the tests come after them, and the tree is looked at last. */
const readers: readonly Check[] = [format, types, lint, boundaries, sizes, unused, documents, names]

interface Result {
  readonly name: string
  readonly findings: readonly Finding[]
  readonly seconds: number
}

const { values: options } = parseArgs({
  options: {
    fast: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    fix: { type: 'boolean', default: false },
  },
})

if (options.fix) for (const check of readers) await check.fix?.(repository)
const tree = await watchTree(repository)
const known = [...readers, tests, tree]
const unknown = (options.only ?? []).filter((name) => !known.some((check) => check.name === name))

if (unknown.length > 0) {
  console.error(`there is no check ${unknown.join(', ')}; there are ${known.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
} else {
  const results = await runAll(known.filter(isWanted))
  for (const result of results) report(result)
  console.log(`\n${results.map(summary).join('\n')}`)
  process.exitCode = results.every(({ findings }) => findings.length === 0) ? 0 : 1
}

function isWanted(check: Check): boolean {
  if (options.only !== undefined) return options.only.includes(check.name)
  return check !== tests || !options.fast
}

async function runAll(wanted: readonly Check[]): Promise<Result[]> {
  const results = await Promise.all(wanted.filter((check) => readers.includes(check)).map(runOne))
  for (const check of wanted.filter((each) => !readers.includes(each))) results.push(await runOne(check))
  return results
}

/** A check that cannot look is a finding too. */
async function runOne(check: Check): Promise<Result> {
  const started = performance.now()
  const findings = await check.run(repository).catch((error: unknown): Finding[] => {
    return [{ place: '', message: `the check itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }]
  })
  return { name: check.name, findings, seconds: (performance.now() - started) / 1000 }
}

function report({ name, findings }: Result): void {
  if (findings.length === 0) return
  console.log(`\n${styleText('bold', name)}`)
  for (const finding of findings) console.log(describeFinding(finding))
}

function summary({ name, findings, seconds }: Result): string {
  const word = findings.length === 0 ? styleText('green', 'ok') : styleText('red', `${findings.length} found`)
  return `${name.padEnd(12)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${word}`
}
