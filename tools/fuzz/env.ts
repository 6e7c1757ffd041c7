/**
 * Throws made-up `.env` files at the reader, the planner and the writer of core/scan.
 *
 *     node --conditions=source tools/fuzz/env.ts --seconds 60 --seed 1
 *
 * The same seed makes the same texts in the same order. It ends with exit code 1 at the first text that breaks a rule, and
 * prints that text.
 */
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { load } from '@headgate/lang'
import { dotenvValues, planMigration, planToJson, readAs, readDotenv, renderPlan, scanText, writeDotenv } from '@headgate/scan'
import { PIECES } from '../../core/scan/test/dotenv-text.ts'
import { readByExpression } from '../../core/scan/test/npm-dotenv-grammar.ts'

export interface FuzzOptions {
  readonly seconds: number
  readonly seed: number
}

export interface FuzzResult {
  readonly runs: number
  readonly seed: number
  /** The first text that broke a rule, and how. */
  readonly failure?: { readonly text: string; readonly message: string }
}

/** How many texts are tried before the clock is looked at, and others get their turn. */
const BATCH = 200

/** Tries texts until the time is over or one of them breaks a rule. */
export async function fuzz({ seconds, seed }: FuzzOptions): Promise<FuzzResult> {
  const random = generator(seed)
  const end = performance.now() + seconds * 1000
  let runs = 0
  while (performance.now() < end) {
    for (let count = 0; count < BATCH; count++) {
      const text = makeText(random)
      try {
        check(text)
      } catch (error) {
        return { runs, seed, failure: { text, message: error instanceof Error ? error.message : String(error) } }
      }
      runs++
    }
    await setImmediate()
  }
  return { runs, seed }
}

/** The rules that hold for every text. */
function check(text: string): void {
  const file = readDotenv(text)
  assert.equal(file.items.map((item) => item.raw).join(''), text, 'the items add up to the text')
  assert.deepEqual([...dotenvValues(file)], [...readByExpression(text)], 'it is read as npm dotenv reads it')
  assert.equal(writeDotenv(file.items).text, text, 'written unchanged it is the same')
  checkPlan(text, file.items.filter(({ kind }) => kind === 'assignment' || kind === 'broken').length)
  checkWriting(dotenvValues(file))
  for (const dialect of ['python-dotenv', 'python-dotenv-interpolated', 'bash', 'docker'] as const) readAs(text, dialect)
  scanText(text)
}

function checkPlan(text: string, lines: number): void {
  const plan = planMigration([{ name: '.env', text }], { project: 'fuzz', references: 'link', placeholders: 'import' })
  assert.equal(plan.environments[0]?.entries.length, lines, 'the plan accounts for every line')
  const { document, diagnostics } = load('fuzz/dev', plan.environments[0]?.text.reveal() ?? '')
  assert.ok(document && diagnostics.length === 0, 'the planned text is in the environment language')
  renderPlan(plan)
  planToJson(plan)
}

function checkWriting(values: ReadonlyMap<string, string>): void {
  const entries = [...values].map(([name, value]) => ({ name, value }))
  const { text, diagnostics } = writeDotenv(entries)
  const back = dotenvValues(readDotenv(text))
  const leftOut = new Set(diagnostics.map(({ message }) => message.split(' ')[0]))
  for (const { name, value } of entries) {
    assert.equal(back.get(name), leftOut.has(name) ? undefined : value, 'what is written is read back, or it is said')
  }
}

function makeText(random: () => number): string {
  const length = Math.floor(random() * 30)
  let text = ''
  for (let count = 0; count < length; count++) {
    text += random() < 0.05 ? String.fromCodePoint(Math.floor(random() * 0xd7ff)) : PIECES[Math.floor(random() * PIECES.length)]
  }
  return text
}

/** Evenly spread numbers in [0, 1) that follow from a seed alone (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } } })
  const result = await fuzz({ seconds: Number(values.seconds), seed: Number(values.seed) })
  console.log(`env: ${result.runs} texts from the seed ${result.seed}`)
  if (result.failure) console.error(`${result.failure.message}\n${JSON.stringify(result.failure.text)}`)
  process.exitCode = result.failure ? 1 : 0
}
