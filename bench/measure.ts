/**
 * Measuring so that the figures mean something on a machine that is busy with other things: processor time instead of
 * the clock, contestants taking turns in one run, and the median of the rounds' ratios.
 */
import { readFileSync } from 'node:fs'
import type { BenchRow } from './table.ts'

/** One thing to measure: does its work that many times. */
export type Contestant = (operations: number) => void | Promise<void>

export interface PairedOptions {
  /** How often each contestant has its turn. Default 7. */
  readonly rounds?: number
  /** How often a contestant does its work in one turn. */
  readonly operations: number
}

export interface PairedRow {
  readonly name: string
  /** Processor time of this process per operation, in microseconds: the median of the rounds. */
  readonly cpuMicroseconds: number
  /** The median, over the rounds, of this contestant's time as a multiple of the first one's in the same round. */
  readonly ratio: number
}

/**
 * Measures contestants against the first of them: a turn each to warm up, then rounds in which they alternate. A round's
 * ratio compares two neighbouring moments, so what slows the machine down slows both.
 */
export async function comparePaired(
  contestants: Readonly<Record<string, Contestant>>,
  { rounds = 7, operations }: PairedOptions,
): Promise<PairedRow[]> {
  const names = Object.keys(contestants)
  const [first = ''] = names
  const times = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, contestant] of Object.entries(contestants)) {
      const microseconds = (await cpuOf(() => contestant(operations))) / operations
      if (round >= 0) times.get(name)?.push(microseconds)
    }
  }
  const base = times.get(first) ?? []
  return names.map((name) => {
    const own = times.get(name) ?? []
    return { name, cpuMicroseconds: median(own), ratio: median(own.map((time, round) => time / (base[round] ?? Number.NaN))) }
  })
}

/** Processor time (user and system) this process spends on some work, in microseconds. */
export async function cpuOf(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MICROSECONDS = 10_000

/** Processor time another process has spent so far, in microseconds, to about 10 ms; undefined where there is no /proc. */
export function cpuOfProcess(pid: number): number | undefined {
  const fields = statFields(pid)
  return fields && (fields.user + fields.system) * TICK_MICROSECONDS
}

/** Processor time of the children of this process that have ended so far, in microseconds, to about 10 ms. */
export function cpuOfEndedChildren(): number | undefined {
  const fields = statFields('self')
  return fields && (fields.childrenUser + fields.childrenSystem) * TICK_MICROSECONDS
}

function statFields(pid: number | 'self'): { user: number; system: number; childrenUser: number; childrenSystem: number } | undefined {
  if (process.platform !== 'linux') return undefined
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is the program's name in brackets, and may hold spaces and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number)
  return { user, system, childrenUser, childrenSystem }
}

/** Something that is done over and over. */
export function repeat(work: () => unknown): Contestant {
  return (operations) => {
    for (let n = 0; n < operations; n += 1) work()
  }
}

/** Contestants as rows of a table, each beside the one that is the base. */
export async function paired(base: string, operations: number, contestants: Record<string, Contestant>): Promise<BenchRow[]> {
  const measured = await comparePaired(contestants, { operations, rounds: 5 })
  return measured.map(({ name, cpuMicroseconds, ratio }) => ({
    name,
    value: cpuMicroseconds,
    unit: 'CPU µs each',
    ...(name === base ? {} : { comparedTo: base, ratio }),
  }))
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/**
 * The value that a share of all values does not exceed, by the nearest rank; NaN for no values.
 *
 * @param share from 0 to 1
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
