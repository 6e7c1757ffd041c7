import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DiskReplay, type Loss, losses } from './disk-replay.ts'
import { type Operation, readRecording } from './recording.ts'
import { type Attempt, type Bench, type Tally, tallyOf } from './torture.ts'
import { canTrace, ledgerFile, runRecorded } from './trace.ts'

/** What one traced run did, and the files it began with. */
export interface Recorded {
  readonly folder: string
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly operations: readonly Operation[]
}

/**
 * Cuts the power in a recording of what a plane writes: after any of its operations, with what was not synced lost,
 * kept, cut, or scattered, and holds what is left against what had been said by then.
 */
export async function tortureByTornWrites(bench: Bench, points: number): Promise<Tally> {
  const kind = 'power cut at a write, the unsynced part torn'
  if (!canTrace()) return { kind, points: 0, runs: 0, failures: [], leftOut: 'strace is not installed, or may not attach here' }
  const recorded = await recordRun(bench, 24)
  const attempts = await replayAt(bench, recorded, choosePoints(bench, recorded.operations, points))
  return tallyOf(kind, new Set(attempts.map(({ what }) => what)).size, attempts)
}

/** One traced run of the workload. */
export async function recordRun(bench: Bench, acts: number, answers?: 'early'): Promise<Recorded> {
  const folder = bench.fresh()
  const files = filesBelow(folder)
  const recording = `${folder}.trace`
  const run = await runRecorded({ ...bench, folder, acts, ...(answers ? { answers } : {}) }, recording)
  if (!run.said.endsWith('closed\n')) throw new Error(`the recorded run did not end well: ${run.said.slice(-200)}\n${run.stderr}`)
  const operations = readRecording(readFileSync(recording, 'latin1'), ledgerFile(folder))
  rmSync(recording)
  rmSync(folder, { recursive: true })
  return { folder, files, operations }
}

function filesBelow(folder: string): Map<string, Uint8Array> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(files.map((file) => [file, readFileSync(file)]))
}

export interface Point {
  /** Operations that had happened. */
  readonly after: number
  readonly loss: Loss
}

/** Every operation with every loss, as far as so many points go; the rest are chosen at random with other tears. */
function choosePoints({ random }: Bench, operations: readonly Operation[], count: number): Point[] {
  const each = operations.flatMap((operation, n) => (operation.kind === 'say' ? [] : losses.map((loss) => ({ after: n + 1, loss }))))
  if (count < each.length) return Array.from({ length: count }, () => random.pick(each)).toSorted((a, b) => a.after - b.after)
  const torn = each.filter(({ loss }) => loss === 'cut' || loss === 'scattered')
  const more = Array.from({ length: count - each.length }, () => random.pick(torn))
  return [...each, ...more].toSorted((a, b) => a.after - b.after)
}

/** @param points in the order of the operations */
export async function replayAt(bench: Bench, recorded: Recorded, points: readonly Point[]): Promise<Attempt[]> {
  const disk = new DiskReplay(recorded.files)
  const attempts: Attempt[] = []
  let said = ''
  let played = 0
  for (const { after, loss } of points) {
    for (const operation of recorded.operations.slice(played, after)) {
      disk.apply(operation)
      if (operation.kind === 'say') said += operation.text
    }
    played = after
    layOut(disk.crash(loss, bench.random))
    attempts.push(await bench.check(recorded.folder, said, `after operation ${after} of ${recorded.operations.length}, ${loss}`))
  }
  return attempts
}

function layOut(files: ReadonlyMap<string, Uint8Array>): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, bytes, { mode: 0o600 })
  }
}
