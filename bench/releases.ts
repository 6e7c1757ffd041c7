/**
 * What bringing a release live costs beyond the application's own start, and how fast the journal takes steps beside
 * bare commits of the same database.
 *
 *   node --conditions=source bench/releases.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { idOf } from '@headgate/model'
import { insert } from '@headgate/store'
import { type TestPlane, openPlane, organisation, tearDown } from '../plane/releases/test/kit/plane.ts'
import { Shop } from '../plane/releases/test/kit/shop.ts'
import { median } from './measure.ts'
import type { BenchOptions, BenchRow, BenchTable } from './table.ts'

const OVERHEAD_TARGET_MS = 100
const STEPS_TARGET = 2000

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const root = mkdtempSync(join(tmpdir(), 'headgate-bench-releases-'))
  const plane = await openPlane({ root, data: join(root, 'data') })
  try {
    return [await measureSwitches(plane, full ? 30 : 5), await measureJournal(plane, root, full ? 20_000 : 2000)]
  } finally {
    await tearDown(plane)
    rmSync(root, { recursive: true, force: true })
  }
}

/** A switch as its journal tells it: from its first step to the mark, less the time its instance took to get healthy. */
async function measureSwitches(plane: TestPlane, count: number): Promise<BenchTable> {
  const shop = new Shop(plane, 'bench')
  shop.save({ GREETING: 'hello' })
  await shop.deploy(await shop.release('first'))
  const overheads: number[] = []
  const boots: number[] = []
  for (let index = 0; index < count; index += 1) {
    const deployment = await shop.deploy(await shop.release(`code ${index}`))
    const { steps } = await firstRun(plane, deployment.id)
    const boot = duration(steps, /^(start|wait until)/)
    const marked = steps.find(({ text }) => text.startsWith('mark'))?.endedAt ?? 0
    boots.push(boot)
    overheads.push(marked - (steps[0]?.startedAt ?? 0) - boot)
  }
  const overhead = median(overheads)
  const rows: BenchRow[] = [
    { name: 'start to healthy (the application’s own)', value: Math.round(median(boots)), unit: 'ms' },
    {
      name: 'everything else up to the mark',
      value: Math.round(overhead),
      unit: 'ms',
      target: `at most ${OVERHEAD_TARGET_MS} ms beyond the application’s own start`,
      met: overhead <= OVERHEAD_TARGET_MS,
    },
  ]
  return {
    title: `${count} switches of one instance, all of the traffic at once`,
    rows,
    notes: ['medians; wall-clock, because the target names it'],
  }
}

type Steps = readonly { readonly text: string; readonly startedAt?: number; readonly endedAt?: number }[]

async function firstRun(plane: TestPlane, deployment: Parameters<TestPlane['releases']['show']>[0]): Promise<{ steps: Steps }> {
  const shown = await plane.releases.show(deployment)
  if (!shown.ok) throw new Error(shown.problem.message)
  return { steps: shown.value.runs[0]?.steps ?? [] }
}

function duration(steps: Steps, which: RegExp): number {
  return steps.filter(({ text }) => which.test(text)).reduce((sum, { startedAt = 0, endedAt = 0 }) => sum + endedAt - startedAt, 0)
}

/** Steps as the executor writes them, one durable Change each; beside bare durable commits of a row as large. */
async function measureJournal(plane: TestPlane, root: string, count: number): Promise<BenchTable> {
  const bare = bareCommits(join(root, 'bare.db'), count)
  const alone = await journalSteps(plane, 'alone', 1, count)
  const together = await journalSteps(plane, 'together', 16, count)
  const rows: BenchRow[] = [
    { name: 'bare commits (WAL, synchronous=FULL)', value: Math.round(bare), unit: 'per second' },
    {
      name: 'journal steps, one run',
      value: Math.round(alone),
      unit: 'per second',
      comparedTo: 'bare commits (WAL, synchronous=FULL)',
      ratio: alone / bare,
    },
    {
      name: 'journal steps, 16 runs at once',
      value: Math.round(together),
      unit: 'per second',
      comparedTo: 'bare commits (WAL, synchronous=FULL)',
      ratio: together / bare,
      target: `at least ${STEPS_TARGET} durable steps per second`,
      met: together >= STEPS_TARGET,
    },
  ]
  return {
    title: `${count} journal steps, each with its audit record`,
    rows,
    notes: ['wall-clock, because the target names it; the ratio stands on any machine'],
  }
}

function bareCommits(file: string, count: number): number {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table steps (id integer primary key, step text)')
  const statement = database.prepare('insert into steps (step) values (?)')
  const text = 'x'.repeat(200)
  const before = performance.now()
  for (let index = 0; index < count; index += 1) statement.run(text)
  const seconds = (performance.now() - before) / 1000
  database.close()
  return count / seconds
}

async function journalSteps({ sealed }: TestPlane, name: string, writers: number, count: number): Promise<number> {
  const write = async (writer: number): Promise<void> => {
    for (let position = writer; position < count; position += writers) {
      const step = { run: idOf<'run'>(`${name}-${writer}`), position, step: '{"kind":"verify-configuration","release":"bench"}' }
      const done = { state: 'done' as const, started_at: 0, ended_at: 0, deadline: null, memory: null, detail: null }
      const audit = {
        time: Date.now(),
        organisation,
        actor: null,
        actorName: 'plane',
        action: 'deployment.step',
        resource: 'target:main/shop/bench',
        outcome: 'ok' as const,
      }
      const committed = await sealed.changes.commit({ expect: [], writes: [insert('steps', { ...step, ...done })], audit })
      if (!committed.ok) throw new Error(committed.problem.message)
    }
  }
  const before = performance.now()
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
  return count / ((performance.now() - before) / 1000)
}

if (import.meta.main) console.log(JSON.stringify(await bench({ full: false }), undefined, 2))
