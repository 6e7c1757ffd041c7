import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cpuOfProcess, median } from '../measure.ts'
import type { BenchTable } from '../table.ts'
import { publishCommand } from './publish-command.ts'
import { residentMemory, startPlane } from './start-plane.ts'

/** How long a plane is left alone before its memory is looked at, in milliseconds. */
const REST = 2_000
const START_TARGET = 1_000
const MEMORY_TARGET = 120

interface Start {
  readonly wall: number
  readonly cpu: number
  readonly memory: number
  readonly router: number
}

/** Starts on a data folder that is there already, one after another, and what each holds once it rests. */
export async function benchStart(full: boolean): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-start-'))
  try {
    const headgate = await publishCommand(join(folder, 'headgate'))
    const starts: Start[] = []
    // The first makes the folder and fills the cache of compiled code.
    for (let round = -1; round < (full ? 9 : 3); round += 1) {
      const start = await startOnce(headgate, folder)
      if (round >= 0) starts.push(start)
    }
    return tableOf(starts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startOnce(headgate: string, folder: string): Promise<Start> {
  const plane = await startPlane(headgate, folder)
  const cpu = (cpuOfProcess(plane.pid) ?? Number.NaN) / 1_000
  await pause(REST)
  const [memory = Number.NaN, router = Number.NaN] = [plane.pid, plane.routerPid].map(residentMemory)
  await plane.stop()
  return { wall: plane.startedIn, cpu, memory, router }
}

function tableOf(starts: readonly Start[]): BenchTable {
  const middle = (name: keyof Start): number => median(starts.map((start) => start[name]))
  const [wall, memory] = [middle('wall'), middle('memory')]
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
      { name: 'processor time until then', value: middle('cpu'), unit: 'CPU ms' },
      { name: 'memory at rest', value: memory, unit: 'MiB resident', target: `≤ ${MEMORY_TARGET} MiB`, met: memory <= MEMORY_TARGET },
      { name: 'memory at rest of its router, a process of its own', value: middle('router'), unit: 'MiB resident' },
    ],
    notes: [
      `as published (bundled), the cache of compiled code warm; medians of ${starts.length} starts; of each process some 50 MiB are Node's own file`,
    ],
  }
}
