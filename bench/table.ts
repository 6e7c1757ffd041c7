/** What a bench gives back: figures that stand on any machine, because they are ratios, counts, or processor time. */

/**
 * A file in this folder with `export async function bench(options: BenchOptions): Promise<BenchTable[]>` is run by
 * `npm run bench` under its own name.
 */
export interface BenchModule {
  bench(options: BenchOptions): Promise<BenchTable[]>
}

export interface BenchOptions {
  /** Long counts, for figures that are written down; otherwise a bench takes some seconds. */
  readonly full: boolean
}

export interface BenchTable {
  readonly title: string
  readonly rows: readonly BenchRow[]
  /** What a reader must know to read the figures right: what was measured, what was left out here and why. */
  readonly notes?: readonly string[]
}

export interface BenchRow {
  readonly name: string
  readonly value: number
  /** For example `CPU µs per request`, `fsyncs per 100 commits`. */
  readonly unit: string
  /** The row of the same run that `ratio` compares with. */
  readonly comparedTo?: string
  /** How many times that row's value this is. */
  readonly ratio?: number
  /** What the value (or the ratio, where it says so) is meant to reach, in words. */
  readonly target?: string
  /** Whether it does. A missed target is printed and is never a failure. */
  readonly met?: boolean
}
