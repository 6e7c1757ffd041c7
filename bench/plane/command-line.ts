import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { BenchRow, BenchTable } from '../table.ts'
import { publishCommand } from './publish-command.ts'
import { startPlane } from './start-plane.ts'

const repository = dirname(dirname(import.meta.dirname))
const SECRETS = 100
const TARGET_MS = 60

/**
 * What the command line costs, as it is published: `headgate run` for an environment of 100 secrets beside `node -e 0`, taking
 * turns. Processor time is the whole process's, the plane's not counted; the clock is shown because a target names it.
 */
export async function benchCommandLine(full: boolean): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-cli-'))
  try {
    return await measureIn(folder, full ? { rounds: 9, each: 10 } : { rounds: 3, each: 4 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureIn(folder: string, count: { rounds: number; each: number }): Promise<BenchTable> {
  const headgate = await publishCommand(join(folder, 'headgate'))
  const home = { ...process.env, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), XDG_CACHE_HOME: join(folder, 'cache') }
  const plane = await startPlane(headgate, folder, home)
  try {
    // Nothing of a rival's that calls home is measured, and its keys stay in this folder.
    const env = { ...home, HEADGATE_URL: plane.url, HEADGATE_TOKEN: plane.token, DOTENVX_NO_ARMOR: 'true' }
    const document = join(folder, 'bench.yaml')
    writeFileSync(document, documentOf(SECRETS))
    execFileSync(process.execPath, [headgate, 'env', 'init', 'main/bench/dev', '--file', document], { env })
    const rivals = rivalsIn(folder, env)
    const contestants = {
      'node -e 0': [process.execPath, '-e', '0'],
      'headgate --version': [process.execPath, headgate, '--version'],
      [`headgate run, ${SECRETS} secrets`]: [process.execPath, headgate, 'run', 'main/bench/dev', '--', 'true'],
      ...rivals,
    }
    const table = tableOf(takeTurns(contestants, env, count), count)
    return rivals
      ? table
      : { ...table, notes: [...(table.notes ?? []), 'left out: `dotenvx run`, as there is no dotenvx here (DOTENVX_BIN)'] }
  } finally {
    await plane.stop()
  }
}

function documentOf(secrets: number): string {
  const lines = Array.from({ length: secrets }, (_, i) => `    SECRET_${i}:\n      fn::secret: bench-value-${i}-of-no-worth\n`)
  return `values:\n  environmentVariables:\n${lines.join('')}`
}

/** `dotenvx run` with as many values, as they are and encrypted, where it is there: as DOTENVX_BIN, or installed beside us. */
function rivalsIn(folder: string, env: NodeJS.ProcessEnv): Readonly<Record<string, readonly string[]>> | undefined {
  const dotenvx = process.env['DOTENVX_BIN'] ?? join(repository, 'node_modules', '.bin', 'dotenvx')
  if (!existsSync(dotenvx)) return undefined
  const [plain, encrypted] = ['plain', 'encrypted'].map((name) => {
    const file = join(folder, `${name}.env`)
    writeFileSync(file, Array.from({ length: SECRETS }, (_, i) => `SECRET_${i}=bench-value-${i}-of-no-worth\n`).join(''))
    return file
  }) as [string, string]
  execFileSync(process.execPath, [dotenvx, 'encrypt', '-f', encrypted], { env, cwd: folder, stdio: 'ignore' })
  const run = (file: string): string[] => [process.execPath, dotenvx, 'run', '--quiet', '-f', file, '--', 'true']
  return { [`dotenvx run, ${SECRETS} values`]: run(plain), [`dotenvx run, ${SECRETS} values encrypted`]: run(encrypted) }
}

interface Cost {
  readonly cpu: number
  readonly wall: number
}

/** Rounds in which each has its turn, so that what slows the machine down slows all of them. */
function takeTurns(
  contestants: Readonly<Record<string, readonly string[]>>,
  env: NodeJS.ProcessEnv,
  { rounds, each }: { rounds: number; each: number },
): Map<string, Cost> {
  const costs = new Map<string, Cost[]>()
  for (let round = -1; round < rounds; round++) {
    for (const [name, words] of Object.entries(contestants)) {
      // A rival takes half a second, and three to decrypt.
      const cost = costOf(words, env, name.startsWith('dotenvx') ? 1 : each)
      if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost])
    }
  }
  return new Map(
    [...costs].map(([name, all]) => [name, { cpu: median(all.map(({ cpu }) => cpu)), wall: median(all.map(({ wall }) => wall)) }]),
  )
}

/** Milliseconds a program takes; a shell runs it so often and says what its children used. */
function costOf(words: readonly string[], env: NodeJS.ProcessEnv, times: number): Cost {
  const script = `i=0; while [ $i -lt ${times} ]; do "$@" > /dev/null || exit 1; i=$((i+1)); done; times`
  const started = performance.now()
  const printed = execFileSync('sh', ['-c', script, 'sh', ...words], { env, encoding: 'utf8' })
  const wall = (performance.now() - started) / times
  const children = printed.trim().split('\n').at(-1) ?? ''
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
  return { cpu: (seconds.reduce((sum, part) => sum + part, 0) * 1000) / times, wall }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function tableOf(costs: ReadonlyMap<string, Cost>, { rounds, each }: { rounds: number; each: number }): BenchTable {
  const [base, ...others] = [...costs]
  if (!base) throw new Error('nothing was measured')
  const [baseName, baseCost] = base
  const rows: BenchRow[] = [{ name: baseName, value: baseCost.cpu, unit: 'CPU ms per start' }]
  for (const [name, cost] of others) {
    rows.push({ name, value: cost.cpu, unit: 'CPU ms per start', comparedTo: baseName, ratio: cost.cpu / baseCost.cpu })
    const over = { 'CPU ms': cost.cpu - baseCost.cpu, 'ms by the clock': cost.wall - baseCost.wall }
    for (const [unit, value] of Object.entries(over)) {
      const target = name.startsWith('headgate run') ? { target: `≤ ${TARGET_MS} ms`, met: value <= TARGET_MS } : {}
      rows.push({ name: `${name}, over ${baseName}`, value, unit, ...target })
    }
  }
  const notes = [
    `medians of ${rounds} rounds of ${each}; as published (bundled), the cache of compiled code warm, the plane on the same machine`,
  ]
  return { title: 'The command line', rows, notes }
}
