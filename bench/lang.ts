/**
 * What opening environments costs, beside the reference evaluator where a Go toolchain can build it.
 *
 *   node --conditions=source bench/lang.ts [--full]
 *
 * The case is the shared suite's `bench` (26 imports with a sealed secret each, 10 provider calls). Headgate and the
 * reference take turns in one run; what is compared is processor time, and for the delayed variants the clock.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Document, type Environment, type Host, createTreeCache, load, open, serialise, toPlain } from '@headgate/lang'
import { turnBytes } from '../test/conformance/lang/providers.ts'
import { sharedFolder } from '../test/shared-folder.ts'
import { REFERENCE, buildOracle } from '../tools/differential/oracle.ts'
import { chainTexts, largeText, openText, wideText } from './lang/documents.ts'
import { growth } from './lang/growth.ts'
import { cpuOf, median, percentile } from './measure.ts'
import type { BenchOptions, BenchRow, BenchTable } from './table.ts'

const crypter = { decrypt: async (payload: Uint8Array) => turnBytes(payload) }
const schema = { inputs: true, outputs: true }

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const folder = sharedFolder('esc-conformance/eval/bench')
  const tables = [await sizes(full), await growth(full)]
  if (!folder) return tables
  const texts = textsOf(folder)
  const oracle = await buildOracle()
  const reference = oracle === undefined ? undefined : new Reference(oracle, folder)
  try {
    return [await plainCase(texts, reference, full), await delayedCase(texts, reference, full), ...tables]
  } finally {
    await reference?.close()
  }
}

function textsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return Object.fromEntries(files.map((file) => [file.slice(0, -'.yaml'.length), readFileSync(join(folder, file), 'utf8')]))
}

// --- Headgate -------------------------------------------------------------------------------------------------------

interface Delays {
  readonly openMs: number
  readonly loadMs: number
}

function hostOf(texts: Readonly<Record<string, string>>, { openMs, loadMs }: Delays): Host {
  return {
    imports: {
      load: async (name) => {
        if (loadMs > 0) await delay(loadMs)
        return { source: texts[name] as string, crypter }
      },
    },
    providers: {
      provider: () => ({
        schema: () => schema,
        open: async () => {
          if (openMs > 0) await delay(openMs)
          return `${openMs}ms`
        },
      }),
      rotator: (name) => ({ failure: `unknown rotator ${name}` }),
    },
    crypter,
  }
}

function documentOf(text: string): Document {
  const { document } = load('bench', text)
  if (!document) throw new Error('the case does not load')
  return document
}

type Finish = (environment: Environment) => unknown

/** Opens the case that many times; with `kept`, parsed trees are used again. */
async function openTimes(
  times: number,
  host: Host,
  text: string,
  finish: Finish,
  kept?: { document: Document; trees: ReturnType<typeof createTreeCache> },
): Promise<void> {
  for (let i = 0; i < times; i++) {
    const document = kept?.document ?? documentOf(text)
    const { environment, diagnostics } = await open(document, host, kept ? { trees: kept.trees } : {})
    if (!environment || diagnostics.length > 0) throw new Error(`the case does not open: ${JSON.stringify(diagnostics[0])}`)
    finish(environment)
  }
}

// --- the reference --------------------------------------------------------------------------------------------------

interface ReferenceTimes {
  readonly wallNs: number
  readonly cpuNs: number
}

/** The reference's own benchmark loop, in a process that waits for its turns. */
class Reference {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  constructor(program: string, folder: string) {
    this.#child = spawn(program, ['bench', folder])
    this.#child.stderr.resume()
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async run(iterations: number, { openMs, loadMs }: Delays = { openMs: 0, loadMs: 0 }): Promise<ReferenceTimes> {
    this.#child.stdin.write(`${JSON.stringify({ iterations, openMs, loadMs })}\n`)
    const line = (await this.#lines.next()) as IteratorResult<string, undefined>
    return JSON.parse(line.value ?? '{}') as ReferenceTimes
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    await once(this.#child, 'exit')
  }
}

// --- the case without delays ----------------------------------------------------------------------------------------

async function plainCase(texts: Readonly<Record<string, string>>, reference: Reference | undefined, full: boolean): Promise<BenchTable> {
  const text = texts['env'] as string
  const host = hostOf(texts, { openMs: 0, loadMs: 0 })
  const kept = { document: documentOf(text), trees: createTreeCache() }
  const variants: readonly (readonly [string, Finish, boolean, number])[] = [
    ['parsed each time, values', (environment) => toPlain(environment, { redact: false }), false, 1],
    ['parsed each time, wire form', serialise, false, 1],
    ['trees kept, values', (environment) => toPlain(environment, { redact: false }), true, 0.25],
    ['trees kept, wire form', serialise, true, 0.25],
  ]
  const rounds = full ? 15 : 7
  const operations = full ? 100 : 40
  const ours = variants.map(() => [] as number[])
  const theirs: number[] = []
  for (const [, finish, keeps] of variants) await openTimes(150, host, text, finish, keeps ? kept : undefined)
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, finish, keeps]] of variants.entries()) {
      const cpu = await cpuOf(() => openTimes(operations, host, text, finish, keeps ? kept : undefined))
      ;(ours[i] as number[]).push(cpu / operations)
    }
    if (reference) theirs.push((await reference.run(operations)).cpuNs / 1000)
  }
  return { title: 'opening the suite’s bench case', rows: plainRows(variants, ours, theirs), notes: notesOf(reference) }
}

function plainRows(
  variants: readonly (readonly [string, Finish, boolean, number])[],
  ours: readonly number[][],
  theirs: readonly number[],
): BenchRow[] {
  const unit = 'CPU µs per opening'
  const name = `reference ${REFERENCE.version}`
  const rows: BenchRow[] = theirs.length > 0 ? [{ name, value: median(theirs), unit }] : []
  for (const [i, [variant, , , target]] of variants.entries()) {
    const times = ours[i] as number[]
    const row = { name: variant, value: median(times), unit }
    if (theirs.length === 0) rows.push(row)
    else {
      const ratio = median(times.map((time, round) => time / (theirs[round] as number)))
      rows.push({ ...row, comparedTo: name, ratio, target: `at most ${target.toFixed(2)} of the reference`, met: ratio <= target })
    }
  }
  return rows
}

function notesOf(reference: Reference | undefined): string[] {
  const own = 'values: all of them as plain JSON data; wire form: the structured answer of the Pulumi protocol, without traces'
  return reference
    ? [own, 'the reference is measured from text to its structured answer in memory, on all processors, its garbage collector included']
    : [own, 'the reference was left out: there is no Go toolchain here']
}

// --- delays ---------------------------------------------------------------------------------------------------------

const VARIANTS: readonly (readonly [string, Delays, number])[] = [
  ['10 ms opens', { openMs: 10, loadMs: 0 }, 25],
  ['10 ms loads', { openMs: 0, loadMs: 10 }, 25],
  ['both', { openMs: 10, loadMs: 10 }, 25],
]

/** What the machine makes of waits as long as those of the case, when nothing else has to be done. */
async function bareWaits(full: boolean): Promise<BenchRow> {
  const waits: number[] = []
  for (let round = 0; round < (full ? 100 : 25); round++) {
    const began = performance.now()
    await delay(10)
    await delay(10)
    waits.push(performance.now() - began)
  }
  return { name: 'two bare waits of 10 ms, one after the other', value: percentile(waits, 0.1), unit: 'ms' }
}

async function delayedCase(texts: Readonly<Record<string, string>>, reference: Reference | undefined, full: boolean): Promise<BenchTable> {
  const rows: BenchRow[] = []
  const text = texts['env'] as string
  for (const [name, delays, limit] of VARIANTS) {
    const host = hostOf(texts, delays)
    const values: Finish = (environment) => toPlain(environment, { redact: false })
    const waits: number[] = []
    for (let round = 0; round < (full ? 100 : 25); round++) {
      const began = performance.now()
      let wall = 0
      const cpu = await cpuOf(async () => {
        await openTimes(1, host, text, values)
        wall = performance.now() - began
      })
      // What the processor did is told by the other table, and depends on who else wants it.
      waits.push(Math.max(0, wall - cpu / 1000))
    }
    const value = percentile(waits, 0.1)
    const theirs = reference ? (await reference.run(full ? 10 : 3, delays)).wallNs / 1e6 : undefined
    const reached = { target: `at most ${limit} ms beside the processor's work`, met: value <= limit }
    rows.push({ name, value, unit: 'ms waited per opening', ...reached })
    if (theirs !== undefined) rows.push({ name: `${name}, reference`, value: theirs, unit: 'ms per opening' })
  }
  return {
    title: 'opening it with slow surroundings',
    rows: [...rows, await bareWaits(full)],
    notes: [
      'loads and opens go on at the same time; the reference does one after another',
      'waited: clock less processor time, of the quickest tenth of the openings, as other work on the machine makes all of them wait',
    ],
  }
}

// --- sizes ----------------------------------------------------------------------------------------------------------

async function sizes(full: boolean): Promise<BenchTable> {
  const chain = chainTexts(100)
  const cases: readonly (readonly [string, () => Promise<void>])[] = [
    ['10,000 keys side by side', openText.bind(undefined, wideText(10_000))],
    ['a chain of 100 imports', openText.bind(undefined, chain['e99'] as string, chain)],
    ['a document of 1 MB', openText.bind(undefined, largeText(1_000_000))],
  ]
  const rows: BenchRow[] = []
  for (const [name, run] of cases) {
    await run()
    const times: number[] = []
    for (let round = 0; round < (full ? 15 : 5); round++) times.push(await cpuOf(run))
    rows.push({ name, value: median(times), unit: 'CPU µs, parsed and opened, values' })
  }
  return { title: 'large documents', rows }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const tables = await bench({ full: process.argv.includes('--full') })
  for (const table of tables) console.log(JSON.stringify(table, undefined, 2))
}
