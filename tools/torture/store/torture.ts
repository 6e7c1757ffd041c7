import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Seeded } from '../../differential/seeded.ts'
import { type Broken, checkPromises } from './check-promises.ts'
import { type Entry, readLedger } from './ledger.ts'
import { groundIn, openPlane } from './plane-at.ts'
import { bundleWorkload } from './workload-program.ts'
import { runWorkload } from './workload.ts'

/** One attempt to make the store break a promise, and what came of it. */
export interface Attempt {
  /** What was done and where, so that it can be had again with the seed. */
  readonly what: string
  readonly broken: readonly Broken[]
}

/** How the attempts of one kind went. */
export interface Tally {
  readonly kind: string
  /** Places at which something was done. */
  readonly points: number
  /** Times a data folder was opened and held against what was promised. */
  readonly runs: number
  readonly failures: readonly Attempt[]
  /** Why nothing of this kind was done here. */
  readonly leftOut?: string
}

/** Where torture works, and what its choices follow from. */
export interface Bench {
  readonly seed: number
  readonly random: Seeded
  /** The file of the workload's process. */
  readonly program: string
  /** A new folder with a data folder, its key and the owner's token: the same every time. */
  fresh(): string
  /** Holds a folder against what was said in it, then removes it. */
  check(folder: string, said: string, what: string): Promise<Attempt>
  close(): void
}

/** Memory where the system has it as a folder: nothing here depends on what a disk does. */
const FAST = '/dev/shm'

/**
 * @param log `full` lets every run begin with a write-ahead log that is nearly full, so that a short run sees it copied into
 *   the database and begun anew; `short` makes the files small and the runs quick
 */
export async function openBench(seed: number, log: 'full' | 'short'): Promise<Bench> {
  const root = mkdtempSync(join(existsSync(FAST) ? FAST : tmpdir(), 'headgate-torture-'))
  const base = join(root, 'base')
  await prepare(base, seed, log)
  const program = await bundleWorkload(root)
  let folders = 0
  return {
    seed,
    random: new Seeded(seed),
    program,
    fresh() {
      const folder = join(root, String((folders += 1)))
      cpSync(base, folder, { recursive: true })
      return folder
    },
    check: async (folder, said, what) => ({ what, broken: await checkAndRemove(folder, readLedger(said)) }),
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** The write-ahead log is copied into the database at 1,000 pages of 4,096 bytes; a full one has a little less. */
const NEARLY_FULL = 960 * (4096 + 24)
/** A setting that fills some pages. Written over and over it fills the log alone: the database stays small, and quick to check. */
const fillers = ['much', 'more'].map((word) => JSON.stringify(`${word} `.repeat(24_000)))

/** A data folder that has been worked in, as a killed plane leaves it. */
async function prepare(base: string, seed: number, log: 'full' | 'short'): Promise<void> {
  const working = `${base}-working`
  const plane = await openPlane(groundIn(working))
  await runWorkload(plane, { seed: seed + 1_000_003, acts: 12, say: () => undefined, answers: 'when-told' })
  const file = join(working, 'data', 'headgate.db-wal')
  for (let n = 0; log === 'full' && statSync(file).size < NEARLY_FULL; n += 1)
    await plane.sealed.store.settings.put('filler', fillers[n % fillers.length] ?? '')
  await plane.sealed.vault.anchor?.flush()
  cpSync(working, base, { recursive: true, filter: (name) => !name.endsWith('-shm') })
  await plane.close()
  rmSync(working, { recursive: true })
}

async function checkAndRemove(folder: string, entries: readonly Entry[]): Promise<Broken[]> {
  try {
    return await checkPromises(groundIn(folder), entries)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function tallyOf(kind: string, points: number, attempts: readonly Attempt[]): Tally {
  return { kind, points, runs: attempts.length, failures: attempts.filter(({ broken }) => broken.length > 0) }
}
