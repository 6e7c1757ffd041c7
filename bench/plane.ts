/**
 * The plane and what speaks to it all day: requests, a start and memory at rest, the SDK, and the command line.
 *
 *   npm run bench -- plane
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchCommandLine } from './plane/command-line.ts'
import { benchRequests } from './plane/requests.ts'
import { benchProgram } from './plane/sdk.ts'
import { publishCommand } from './plane/publish-command.ts'
import { startPlane } from './plane/start-plane.ts'
import { benchStart } from './plane/start.ts'
import { cpuOfProcess } from './measure.ts'
import type { BenchOptions, BenchTable } from './table.ts'

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const tables = cpuOfProcess(process.pid) === undefined ? [leftOut()] : [await requests(full), await benchStart(full)]
  return [...tables, ...(await benchProgram(full)), await benchCommandLine(full)]
}

function leftOut(): BenchTable {
  return { title: 'Requests to the plane, its start and its memory', rows: [], notes: ['left out: no /proc here'] }
}

async function requests(full: boolean): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-plane-'))
  const plane = await startPlane(await publishCommand(join(folder, 'headgate')), folder)
  try {
    return await benchRequests(plane, full)
  } finally {
    await plane.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
