import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cpuOfProcess, median } from '../measure.ts'
import type { BenchTable } from '../table.ts'
import { startPlane } from './start-plane.ts'

/** How long a plane is left alone before its memory is looked at, in milliseconds. */
const REST = 2_000
const START_TARGET = 1_000
const MEMORY_TARGET = 120

interface Start {
  readonly wall: number
  readonly cpu: number
  readonly memory: number
}

/** Starts on a data folder that is there already, one after another, and what each holds once it rests. */
export async function benchStart(full: boolean): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-start-'))
  try {
    const starts: Start[] = []
    // The first makes the folder and fills the cache of compiled code.
    for (let round = -1; round < (full ? 9 : 3); round += 1) {
      const plane = await startPlane(folder)
      const cpu = (cpuOfProcess(plane.pid) ?? 0) / 1_000
      await pause(REST)
      if (round >= 0) starts.push({ wall: plane.startedIn, cpu, memory: plane.memory() ?? Number.NaN })
      await plane.stop()
    }
    const [wall, cpu, memory] = (['wall', 'cpu', 'memory'] as const).map((name) => median(starts.map((start) => start[name]))) as [
      number,
      number,
      number,
    ]
    return {
      title: 'A start, and memory at rest',
      rows: [
        {
          name: 'from the start of the process to ready',
          value: wall,
          unit: 'ms by the clock',
          target: `≤ ${START_TARGET} ms`,
          met: wall <= START_TARGET,
        },
        { name: 'processor time until then', value: cpu, unit: 'CPU ms' },
        { name: 'memory at rest', value: memory, unit: 'MiB resident', target: `≤ ${MEMORY_TARGET} MiB`, met: memory <= MEMORY_TARGET },
      ],
      notes: [
        `from the sources, with the cache of compiled code warm; medians of ${starts.length} starts; the router is a process of its own and not in it`,
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
