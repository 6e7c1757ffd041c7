import { ACTS, countCalls } from './kills.ts'
import { readLedger } from './ledger.ts'
import { type Attempt, type Bench, type Tally, tallyOf } from './torture.ts'
import { type Run, canTrace, runInjected } from './trace.ts'

/** Calls that can fail for the disk's sake, and how. A sync that fails for want of room is what network disks do. */
const faulty = ['pwrite64', 'write', 'ftruncate', 'fsync', 'rename'] as const
const errors = ['EIO', 'ENOSPC'] as const
/** Once, or from then on. */
const lasting = ['', '+'] as const

/** Lets the n-th write or sync fail, once or for good; at most so many times. */
export async function tortureByFaults(bench: Bench, limit: number): Promise<Tally> {
  const kind = 'EIO or ENOSPC at a write or sync'
  if (!canTrace()) return { kind, points: 0, runs: 0, failures: [], leftOut: 'strace is not installed, or may not attach here' }
  const counts = await countCalls(bench)
  const places = faulty.flatMap((call) =>
    Array.from({ length: counts.get(call) ?? 0 }, (_, n) => n + 1).flatMap((nth) =>
      errors.flatMap((error) => lasting.map((ever) => ({ call, injection: `${call}:error=${error}:when=${nth}${ever}`, ever }))),
    ),
  )
  const chosen = limit >= places.length ? places : Array.from({ length: limit }, () => bench.random.pick(places))
  const attempts: Attempt[] = []
  for (const { injection, ever } of chosen) {
    const folder = bench.fresh()
    const run = await runInjected({ ...bench, folder, acts: ACTS }, [injection])
    const after = await bench.check(folder, run.said, injection)
    attempts.push({ what: injection, broken: [...after.broken, ...wedged(run, ever === '')] })
  }
  return tallyOf(kind, chosen.length, attempts)
}

/** A fault that passed must be got over without a restart, and no fault may end the plane once it was ready. */
function wedged(run: Run, passed: boolean): string[] {
  if (!run.said.startsWith('ready\n')) return []
  if (run.signal !== null || (run.code !== 0 && passed))
    return [`it ended by ${run.signal ?? `exit code ${run.code}`}: ${run.stderr.slice(0, 600)}`]
  const entries = readLedger(run.said)
  if (entries.some(({ outcome }) => outcome === 'open')) return ['an act was neither done nor refused']
  return passed && entries.slice(-2).every(({ outcome }) => outcome === 'failed') ? ['a single fault was not got over'] : []
}
