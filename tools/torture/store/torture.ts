import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Seeded } from '../../differential/seeded.ts'
import { type Broken, checkPromises } from './check-promises.ts'
import { type Entry, readLedger } from './ledger.ts'
import { type OpenPlane, groundIn, openPlane } from './plane-at.ts'
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
  let folders = 0
  return {
    seed,
    random: new Seeded(seed),
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
/** Words in a text that fills some pages. */
const FILLER = 24_000

/** A data folder that has been worked in, as a killed plane leaves it. */
async function prepare(base: string, seed: number, log: 'full' | 'short'): Promise<void> {
  const working = `${base}-working`
  const plane = await openPlane(groundIn(working))
  await runWorkload(plane, { seed: seed + 1_000_003, acts: 12, say: () => undefined, answers: 'when-told' })
  const file = join(working, 'data', 'headgate.db-wal')
  for (let n = 1; log === 'full' && statSync(file).size < NEARLY_FULL; n += 1) await saveMuch(plane, `filler-${n}`)
  await plane.sealed.vault.anchor?.flush()
  cpSync(working, base, { recursive: true, filter: (name) => !name.endsWith('-shm') })
  await plane.close()
  rmSync(working, { recursive: true })
}

/** Few records and many pages: what is checked again and again stays quick to check. */
async function saveMuch({ operations, caller }: OpenPlane, environment: string): Promise<void> {
  const input = {
    params: { organisation: 'main', project: 'filler', environment },
    query: {},
    body: { text: `values: { note: ${'much '.repeat(FILLER)}}\n` },
  }
  const saved = await operations.call('createEnvironment', caller, input, { request: environment, address: '127.0.0.1' })
  if (!saved.ok) throw new Error(saved.problem.message)
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
