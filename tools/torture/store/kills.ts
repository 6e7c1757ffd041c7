import { readFileSync, rmSync } from 'node:fs'
import { callsIn } from './recording.ts'
import { type Attempt, type Bench, type Tally, tallyOf } from './torture.ts'
import { canTrace, ledgerFile, runInjected, runKilledAfter, runRecorded, writingCalls } from './trace.ts'

export const ACTS = 12
/** The longest a random kill waits after the workload has begun, in milliseconds. */
const LATEST = 250

/** Kills a plane at its first, second, … write or sync of each kind, until one gets through; at most so many times. */
export async function tortureByKillsAtCalls(bench: Bench, limit: number): Promise<Tally> {
  const kind = 'killed at a write or sync'
  if (!canTrace()) return { kind, points: 0, runs: 0, failures: [], leftOut: 'strace is not installed, or may not attach here' }
  const ends = await countCalls(bench)
  const places = writingCalls.flatMap((call) => Array.from({ length: ends.get(call) ?? 0 }, (_, n) => ({ call, nth: n + 1 })))
  const chosen = limit >= places.length ? places : Array.from({ length: limit }, () => bench.random.pick(places))
  const attempts: Attempt[] = []
  for (const { call, nth } of chosen) {
    const folder = bench.fresh()
    const run = await runInjected({ ...bench, folder, acts: ACTS }, [`${call}:signal=SIGKILL:when=${nth}`])
    attempts.push(await bench.check(folder, run.said, `killed at ${call} ${nth}`))
  }
  return tallyOf(kind, chosen.length, attempts)
}

/** How often a run makes each call: a kill or fault beyond it would never come. */
export async function countCalls(bench: Bench): Promise<ReadonlyMap<string, number>> {
  const folder = bench.fresh()
  const recording = `${folder}.trace`
  await runRecorded({ ...bench, folder, acts: ACTS }, recording)
  const calls = callsIn(readFileSync(recording, 'latin1'), ledgerFile(folder))
  rmSync(recording)
  rmSync(folder, { recursive: true })
  return calls
}

/** Kills a plane at random moments. */
export async function tortureByRandomKills(bench: Bench, count: number): Promise<Tally> {
  const attempts: Attempt[] = []
  for (let n = 0; n < count; n += 1) {
    const folder = bench.fresh()
    const after = bench.random.below(LATEST)
    const run = await runKilledAfter({ program: bench.program, folder, seed: bench.seed + n, acts: 10_000 }, after)
    attempts.push(await bench.check(folder, run.said, `killed ${after} ms after it was ready`))
  }
  return tallyOf('killed at random', count, attempts)
}
