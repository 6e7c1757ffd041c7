/** `npm run torture -- store`: what a plane promises of its data, against kills, faults, a full disk and torn writes. */
import { tortureByFaults } from './store/faults.ts'
import { tortureByFullDisk } from './store/full-disk.ts'
import { tortureByKillsAtCalls, tortureByRandomKills } from './store/kills.ts'
import { tortureByTornWrites } from './store/torn-writes.ts'
import { type Tally, openBench } from './store/torture.ts'

export interface TortureOptions {
  /** How many points at least, all kinds together. */
  readonly points: number
  readonly seed: number
  readonly onTally?: (tally: Tally) => void
}

/**
 * A process is started for each kill and each fault and takes most of a second; a replay takes some hundredths. So of
 * few points most are replays, and of many every call is killed and every fault is made.
 */
const FEW = 2_000

function shares(points: number) {
  if (points < FEW) return { kills: Math.ceil(points / 60), faults: Math.ceil(points / 60), random: 2, full: 1 }
  return { kills: points / 25, faults: points / 25, random: 150, full: 8 }
}

export async function tortureStore({ points, seed, onTally }: TortureOptions): Promise<Tally[]> {
  const { kills, faults, random, full } = shares(points)
  const bench = await openBench(seed, points < FEW ? 'short' : 'full')
  const tallies: Tally[] = []
  const take = (tally: Tally): void => {
    tallies.push(tally)
    onTally?.(tally)
  }
  try {
    take(await tortureByKillsAtCalls(bench, kills))
    take(await tortureByRandomKills(bench, random))
    take(await tortureByFaults(bench, faults))
    take(await tortureByFullDisk(bench, full))
    const done = tallies.reduce((sum, tally) => sum + tally.runs, 0)
    take(await tortureByTornWrites(bench, Math.max(points - done, 0)))
    return tallies
  } finally {
    bench.close()
  }
}
