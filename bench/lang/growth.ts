/**
 * How the cost of opening grows with documents and with chains of imports.
 *
 * The memory of a document is in use until it is read, so from some size on the collector copies it, and never before:
 * that is a step in the cost of a byte, not growth. It is measured with and without: a process of its own has a young
 * generation in which everything finds room.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { cpuOf } from '../measure.ts'
import type { BenchRow, BenchTable } from '../table.ts'
import { chainTexts, largeText, openText } from './documents.ts'

const run = promisify(execFile)

const SERIES = {
  'document size, 125 kB to 2 MB': { sizes: [125, 250, 500, 1000, 2000], opens: openDocument },
  'document size, 1 to 8 MB': { sizes: [1000, 2000, 4000, 8000], opens: openDocument },
  'imports in a chain, 25 to 400': { sizes: [25, 50, 100, 200, 400], opens: openChain },
} as const

type Series = keyof typeof SERIES

/** MiB of one half of a young generation in which the largest of the documents is opened without a collection. */
const ROOM = 1024

function openDocument(kilobytes: number): () => Promise<void> {
  const text = largeText(kilobytes * 1000)
  return () => openText(text)
}

function openChain(length: number): () => Promise<void> {
  const texts = chainTexts(length)
  return () => openText(texts[`e${length - 1}`] as string, texts)
}

export async function growth(full: boolean): Promise<BenchTable> {
  const rows: BenchRow[] = []
  for (const name of Object.keys(SERIES) as Series[]) {
    const { sizes } = SERIES[name]
    rows.push(...fits(name, sizes, await timesOf(name, full, [])))
  }
  const name = 'document size, 125 kB to 2 MB'
  const apart = await timesOf(name, full, [`--min-semi-space-size=${ROOM}`, `--max-semi-space-size=${ROOM}`])
  rows.push(...fits(`${name}, without the collector`, SERIES[name].sizes, apart))
  return {
    title: 'growth, traces off',
    rows,
    notes: [
      'straight line: how much of the differences in time a cost per byte, the same at every size, explains',
      'exponent: the slope of time against size, both as logarithms; 1 is linear, 2 is quadratic',
      'what a document is made of is in use until it is read: from some 300 kB on the collector copies it, so a byte costs more there, and the same at all larger sizes',
      `without the collector: a young generation of ${ROOM} MiB in a process of its own`,
      'every size is opened so often that as much is read as in one opening of the largest',
    ],
  }
}

function fits(name: string, sizes: readonly number[], times: readonly number[]): BenchRow[] {
  const line = determination(sizes, times)
  const exponent = slope(sizes.map(Math.log), times.map(Math.log))
  return [
    { name: `${name}: straight line`, value: line, unit: 'R² of time against size', target: 'at least 0.99', met: line >= 0.99 },
    { name: `${name}: exponent`, value: exponent, unit: 'of the fitted growth', target: 'at most 1.15', met: exponent <= 1.15 },
  ]
}

/** CPU µs of each size of a series, measured in a process of its own. */
async function timesOf(name: Series, full: boolean, flags: readonly string[]): Promise<number[]> {
  const file = fileURLToPath(import.meta.url)
  const { stdout } = await run(process.execPath, [...flags, '--conditions=source', file, name, full ? '12' : '5'])
  return JSON.parse(stdout) as number[]
}

/** The least of some rounds, in which all take their turns: what each costs when nothing else is in the way. */
async function leastCpu({ sizes, opens }: (typeof SERIES)[Series], rounds: number): Promise<number[]> {
  const most = Math.max(...sizes)
  const runs = sizes.map((size) => ({ open: opens(size), times: Math.round(most / size), least: Number.POSITIVE_INFINITY }))
  for (let round = -2; round < rounds; round++) {
    for (const each of runs) {
      const all = await cpuOf(async () => {
        for (let n = 0; n < each.times; n++) await each.open()
      })
      if (round >= 0) each.least = Math.min(each.least, all / each.times)
    }
  }
  return runs.map(({ least }) => least)
}

/** Slope of the line that fits some points best. */
function slope(x: readonly number[], y: readonly number[]): number {
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length
  const over = x.reduce((sum, value, i) => sum + (value - meanX) * ((y[i] as number) - meanY), 0)
  return over / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
}

/** Which part of the differences between some points a straight line explains. */
function determination(x: readonly number[], y: readonly number[]): number {
  const rise = slope(x, y)
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length
  const left = y.reduce((sum, value, i) => sum + (value - meanY - rise * ((x[i] as number) - meanX)) ** 2, 0)
  return 1 - left / y.reduce((sum, value) => sum + (value - meanY) ** 2, 0)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, rounds] = process.argv.slice(2)
  console.log(JSON.stringify(await leastCpu(SERIES[name as Series], Number(rounds))))
}
