import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headgate } from '@headgate/sdk'
import { createPlaneClient } from '@headgate/sdk/http'
import { Secret } from '@headgate/model'
import { connect } from '../../clients/sdk/src/connect.ts'
import { TcpLine } from '../../clients/sdk/test/tcp-line.ts'
import { hastyClock } from '../../clients/sdk/test/test-surroundings.ts'
import { eventually } from '../../test/eventually.ts'
import { type Contestant, comparePaired, cpuOf, cpuOfProcess, percentile } from '../measure.ts'
import type { BenchRow, BenchTable } from '../table.ts'

const PLACE = { organisation: 'main', project: 'bench', environment: 'dev' }
const ENVIRONMENT = 'bench/dev'
const PROCESSES = 4
/** Programs of one process that start at the same time. */
const AT_ONCE = 10

/**
 * What the SDK costs a program: a read from memory, and how soon a change reaches the listeners of many programs; and that
 * none is missed by programs whose connections are cut all the time.
 */
export async function benchProgram(full: boolean): Promise<BenchTable[]> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-sdk-'))
  try {
    const plane = await startPlane(folder)
    try {
      return [await reads(plane, full), await changes(plane, full), await reconnects(plane, folder, full)]
    } finally {
      await plane.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface BenchPlane {
  readonly url: string
  readonly token: string
  /** Saves a next revision whose `counter` is this number. */
  save(counter: number): Promise<void>
  close(): Promise<void>
}

/** A plane of its own in a new data folder, with one environment of some hundred settings. */
async function startPlane(folder: string): Promise<BenchPlane> {
  const { serve } = await import('@headgate/main')
  const serving = await serve({
    data: join(folder, 'data'),
    key: { source: 'file', file: join(folder, 'root.key') },
    host: '127.0.0.1',
    port: 0,
    log: 'none',
    onReady: () => {},
  })
  const { url, token = new Secret('') } = serving.ready
  const client = createPlaneClient({ url, token })
  const created = await client.call('createEnvironment', { params: PLACE, body: { text: documentText(0) } })
  if (!created.ok) throw new Error(created.problem.message)
  let expected = created.value.revision
  return {
    url,
    token: token.reveal(),
    async save(counter) {
      const saved = await client.call('saveEnvironment', { params: PLACE, body: { text: documentText(counter), expected } })
      if (!saved.ok) throw new Error(saved.problem.message)
      expected = saved.value.revision
    },
    close: () => serving.close(),
  }
}

function documentText(counter: number): string {
  const settings = Array.from({ length: 200 }, (_, index) => `    setting-${index}: ${index}`)
  return [
    'values:',
    `  counter: ${counter}`,
    '  infrastructure:',
    '    redis:',
    '      url: redis://cache.example:6379',
    ...settings,
    '',
  ].join('\n')
}

async function reads(plane: BenchPlane, full: boolean): Promise<BenchTable> {
  const config = await Headgate.connect({ url: plane.url, token: plane.token, environment: ENVIRONMENT, fallback: 'off', cacheSize: 100 })
  const path = 'infrastructure.redis.url'
  const bare = new Map([[path, config.get(path)]])
  const setting = (index: number): string => `infrastructure.setting-${index % 200}`
  const measured = await comparePaired(
    {
      'Map.get': repeat(() => bare.get(path)),
      'get, known path': repeat(() => config.get(path)),
      'number, known path': repeat(() => config.number('infrastructure.setting-7')),
      // Twice as many paths as are kept, in turn: every read looks into the document.
      'get, path looked up anew': repeat((index) => config.get(setting(index))),
    },
    { operations: full ? 2_000_000 : 200_000, rounds: 5 },
  )
  await config.close()
  const rows = measured.map(({ name, cpuMicroseconds, ratio }): BenchRow => {
    const target = name === 'get, known path' ? { target: 'at most 1', met: cpuMicroseconds <= 1 } : {}
    const compared = name === 'Map.get' ? {} : { comparedTo: 'Map.get', ratio }
    return { name, value: cpuMicroseconds, unit: 'CPU µs each', ...compared, ...target }
  })
  return { title: 'Reads of a connected program', rows }
}

function repeat(work: (index: number) => unknown): Contestant {
  return (operations) => {
    for (let index = 0; index < operations; index += 1) work(index)
  }
}

async function changes(plane: BenchPlane, full: boolean): Promise<BenchTable> {
  const clients = full ? 1_000 : 100
  const rounds = full ? 20 : 5
  const children = Array.from({ length: PROCESSES }, () => startClients(plane, clients / PROCESSES))
  await Promise.all(children.map(wordOf))
  const delays: number[] = []
  const spentBefore = cpuOfAll(children)
  for (let counter = 1; counter <= rounds; counter += 1) {
    const heard = Promise.all(children.map(wordOf))
    const begun = wallClock()
    await plane.save(counter)
    for (const times of (await heard) as number[][]) delays.push(...times.map((time) => time - begun))
  }
  const spent = cpuOfAll(children).map((after, n) => (after - (spentBefore[n] ?? 0)) / (clients * rounds) / 1000)
  const [planeSpent = Number.NaN, ...programsSpent] = spent
  for (const child of children) child.send('close')
  await Promise.all(children.map((child) => once(child, 'exit')))
  const p99 = percentile(delays, 0.99)
  return {
    title: `A change reaches ${clients.toLocaleString('en-GB')} programs in ${PROCESSES} processes`,
    rows: [
      { name: 'half of the calls of their listeners', value: percentile(delays, 0.5), unit: 'ms after the save began' },
      { name: '99 of 100', value: p99, unit: 'ms after the save began', target: 'at most 250 with 1,000', met: p99 <= 250 },
      { name: 'calls heard', value: delays.length, unit: `of ${clients * rounds}`, target: 'all', met: delays.length === clients * rounds },
      { name: 'what one call costs the plane', value: planeSpent, unit: 'CPU ms' },
      { name: 'and its program', value: programsSpent.reduce((sum, each) => sum + each, 0), unit: 'CPU ms' },
    ],
    notes: [
      'The clock runs from before the save is sent; plane, sockets and all programs share this machine, and nothing is warm at the first save.',
      'The copies for bad times are switched off: so many programs do not share one disk.',
    ],
  }
}

/** Saves while the connections of many programs are cut: before, during or after. Each waits for the round before it, so that none may be left out. */
async function reconnects(plane: BenchPlane, folder: string, full: boolean): Promise<BenchTable> {
  const [programs, rounds] = full ? [20, 500] : [10, 20]
  const line = await TcpLine.to(() => Number(new URL(plane.url).port))
  const surroundings = { env: {}, home: folder, folder, clock: hastyClock, random: Math.random }
  const options = {
    url: line.url,
    token: plane.token,
    environment: ENVIRONMENT,
    fallback: 'off',
    // Its waits are a hundred times shorter too: no look of its own may find what it was not told.
    ttlMs: 360_000_000,
    report: () => {},
  } as const
  const configs = await Promise.all(Array.from({ length: programs }, () => connect<unknown>(options, surroundings)))
  const first = Number(configs[0]?.get('counter')) + 1
  const heard = configs.map((config) => {
    const numbers: number[] = []
    config.onChange('counter', ({ after }) => numbers.push(Number(after)))
    return numbers
  })
  const isBack = (config: (typeof configs)[number], round: number): boolean => config.stats().reconnects >= round && config.stats().watching
  await eventually(() => configs.every((config) => isBack(config, 0)))
  const spent = await cpuOf(async () => {
    for (let round = 1; round <= rounds; round += 1) {
      const moment = round % 3
      if (moment === 0) line.cut()
      const saving = plane.save(first + round)
      if (moment === 1) line.cut()
      await saving
      if (moment === 2) line.cut()
      await eventually(() => configs.every((config, n) => isBack(config, round) && heard[n]?.at(-1) === first + round))
    }
  })
  const forced = configs.reduce((sum, config) => sum + config.stats().reconnects, 0)
  await Promise.all(configs.map((config) => config.close()))
  await line.close()
  const missed = heard.reduce((sum, numbers) => sum + rounds - new Set(numbers).size, 0)
  const reordered = heard.flatMap((numbers) => numbers.filter((number, n) => number <= (numbers[n - 1] ?? 0))).length
  return {
    title: `${programs} programs whose connections are cut in each of ${rounds} rounds`,
    rows: [
      { name: 'forced reconnects', value: forced, unit: `of ${programs * rounds}` },
      { name: 'revisions missed', value: missed, unit: `of ${programs * rounds}`, target: 'none', met: missed === 0 },
      { name: 'told twice or out of order', value: reordered, unit: `of ${programs * rounds}`, target: 'none', met: reordered === 0 },
      { name: 'programs and plane together', value: spent / (programs * rounds) / 1000, unit: 'CPU ms per reconnect and change' },
    ],
    notes: [full ? 'the count of the target' : 'with --full, 10,000 reconnects'],
  }
}

/** What a process of programs says next. One that ends instead ends the measurement. */
async function wordOf(child: ChildProcess): Promise<unknown> {
  const heard = new AbortController()
  const { signal } = heard
  try {
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`a process of programs ended with ${String(code)}`)
    })
    const [word] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown]
    return word
  } finally {
    heard.abort()
  }
}

/** Processor time in microseconds of this process, which is the plane's, and of each of the others. */
function cpuOfAll(children: readonly ChildProcess[]): number[] {
  return [process.pid, ...children.map(({ pid }) => pid ?? 0)].map((pid) => cpuOfProcess(pid) ?? Number.NaN)
}

/** Milliseconds on a clock that all processes of this machine share. */
function wallClock(): number {
  return performance.timeOrigin + performance.now()
}

function startClients({ url, token }: BenchPlane, count: number): ChildProcess {
  return fork(import.meta.filename, ['--clients', String(count)], {
    execArgv: ['--conditions=source'],
    env: { ...process.env, HEADGATE_URL: url, HEADGATE_TOKEN: token, HEADGATE_ENVIRONMENT: ENVIRONMENT, ESC_FALLBACK_MODE: 'off' },
  })
}

/** One of the processes: so many connected programs, which tell the time of each call once all were called. */
async function runClients(count: number): Promise<void> {
  const configs: Awaited<ReturnType<typeof Headgate.connect>>[] = []
  while (configs.length < count)
    configs.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - configs.length) }, () => Headgate.connect()))))
  let times: number[] = []
  for (const config of configs) {
    config.onChange('counter', () => {
      times.push(wallClock())
      if (times.length < count) return
      process.send?.(times)
      times = []
    })
  }
  while (!configs.every((config) => config.stats().watching)) await new Promise((resolve) => setTimeout(resolve, 10))
  process.send?.('ready')
  await once(process, 'message')
  await Promise.all(configs.map((config) => config.close()))
  process.disconnect()
}

const clients = process.argv.indexOf('--clients')
if (import.meta.main && clients >= 0) await runClients(Number(process.argv[clients + 1]))
