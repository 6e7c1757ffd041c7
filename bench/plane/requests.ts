/**
 * What a request costs the plane, in processor time of its process, beside a bare Node HTTP server that answers as many
 * bytes. Each is a process of its own, they take turns, and the load comes from this one, on another core where there is one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpuOfProcess, median, percentile } from '../measure.ts'
import type { BenchRow, BenchTable } from '../table.ts'
import { KeptConnection } from './kept-connection.ts'
import type { BenchPlane } from './start-plane.ts'

const CONNECTIONS = 64
/** Of the turns that are told as requests a second: those of the figures this is held against. */
const FEWER_CONNECTIONS = 32
const SECRETS = 100
/** What an audited read of one secret may cost. */
const TARGET = 125
const AUDITED = 'open one secret, audited'
/** Turns that do not count: a plane runs for weeks, and compiles what it does most within its first 20,000 requests. */
const WARM_UP = 5

const bare = `require('node:http').createServer((q, s) => { q.resume(); q.on('end', () => { s.setHeader('content-type', 'application/json'); s.end(JSON.stringify({ text: 'x'.repeat(200) })) }) }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

interface Contestant {
  readonly name: string
  readonly pid: number
  readonly url: string
  readonly method: string
  readonly path: string
  readonly token?: string
  /** The body of a save on this revision; none where absent. Each connection saves an environment of its own then. */
  readonly body?: (expected: number) => string
  /** Where the requests of a turn are fewer, because each does more. */
  readonly share?: number
}

export async function benchRequests(plane: BenchPlane, full: boolean): Promise<BenchTable> {
  const node = spawn(process.execPath, ['-e', bare], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const contestants = await contestantsOf(plane, node)
    return await compare(contestants, full ? { rounds: 9, requests: 8_000 } : { rounds: 5, requests: 4_000 })
  } finally {
    node.kill('SIGTERM')
    await once(node, 'exit')
  }
}

async function contestantsOf(plane: BenchPlane, node: ChildProcess): Promise<Contestant[]> {
  const port = Number(String((await once(node.stdout as NodeJS.ReadableStream, 'data'))[0]))
  const own = { pid: plane.pid, url: plane.url, token: plane.token }
  const one = '/api/v1/environments/main/bench/one'
  const many = '/api/v1/environments/main/bench/many'
  const secrets = Array.from({ length: SECRETS }, (_, n) => `  key-${n}: {fn::secret: bench-value-${n}-of-no-worth}\n`).join('')
  const connection = await KeptConnection.open(plane.url)
  const create = (path: string, body: object): Promise<string> => connection.ask('POST', path, plane.token, JSON.stringify(body))
  await create(one, { text: 'values: {key: {fn::secret: bench-value-of-no-worth}}\n' })
  await create(many, { text: `values:\n${secrets}` })
  for (let n = 0; n < CONNECTIONS; n += 1) await create(pathToWrite(n), {})
  connection.close()
  return [
    { name: 'bare Node HTTP', pid: node.pid ?? 0, url: `http://127.0.0.1:${port}`, method: 'GET', path: '/' },
    { ...own, name: 'health, no token', method: 'GET', path: '/health' },
    { ...own, name: 'read a text, sealed', method: 'GET', path: one },
    { ...own, name: AUDITED, method: 'POST', path: `${one}/open` },
    { ...own, name: `open ${SECRETS} secrets, audited`, method: 'POST', path: `${many}/open` },
    {
      ...own,
      name: 'save a text with a new secret',
      method: 'PUT',
      path: '',
      share: 0.1,
      body: (expected) => JSON.stringify({ text: `values: {n: ${expected}, key: {fn::secret: bench-value-of-no-worth}}\n`, expected }),
    },
  ]
}

interface Turn {
  readonly cpu: number
  readonly latencies: readonly number[]
  readonly perSecond: number
}

async function compare(
  contestants: readonly Contestant[],
  { rounds, requests }: { rounds: number; requests: number },
): Promise<BenchTable> {
  const turns = new Map(contestants.map(({ name }) => [name, [] as Turn[]]))
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const contestant of contestants) {
      const turn = await takeTurn(contestant, Math.round(requests * (contestant.share ?? 1)), CONNECTIONS)
      if (round >= 0) turns.get(contestant.name)?.push(turn)
    }
  }
  const [base] = contestants
  const baseTurns = turns.get(base?.name ?? '') ?? []
  const rows = contestants.map(({ name }, index): BenchRow => {
    const own = turns.get(name) ?? []
    const row = { name, value: median(own.map(({ cpu }) => cpu)), unit: 'CPU µs per request' }
    const ratio = median(own.map(({ cpu }, round) => cpu / (baseTurns[round]?.cpu ?? Number.NaN)))
    const compared = index === 0 ? row : { ...row, comparedTo: base?.name ?? '', ratio }
    return name === AUDITED ? { ...compared, target: `≤ ${TARGET} CPU µs`, met: row.value <= TARGET } : compared
  })
  return {
    title: 'Requests to the plane',
    rows,
    notes: [
      `${CONNECTIONS} kept connections, ${requests} requests a turn, ${rounds} rounds after ${WARM_UP} to warm up, medians; the sender's own time is not counted`,
      `By the clock, with the sender and all else on this machine, over ${FEWER_CONNECTIONS} kept connections: ${await byTheClock(contestants, requests)}.`,
    ],
  }
}

/** How many a second, and how slow the slowest of a hundred: of the read of a secret, and of what it is held against. */
async function byTheClock(contestants: readonly Contestant[], requests: number): Promise<string> {
  const raced = contestants.filter(({ name }, n) => n === 0 || name === AUDITED)
  const turns = new Map(raced.map(({ name }) => [name, [] as Turn[]]))
  for (let round = 0; round < 5; round++)
    for (const contestant of raced) turns.get(contestant.name)?.push(await takeTurn(contestant, requests, FEWER_CONNECTIONS))
  const told = [...turns].map(([name, own]) => {
    const perSecond = Math.round(median(own.map((turn) => turn.perSecond))).toLocaleString('en-GB')
    return `${name} ${perSecond} a second, p99 ${median(own.map(({ latencies }) => percentile(latencies, 0.99))).toFixed(1)} ms`
  })
  return told.join('; ')
}

async function takeTurn(contestant: Contestant, requests: number, many: number): Promise<Turn> {
  const { url, method, token } = contestant
  const connections = await Promise.all(Array.from({ length: many }, () => KeptConnection.open(url)))
  const heads = contestant.body ? await Promise.all(connections.map((connection, n) => headOf(connection, n, token))) : []
  const latencies: number[] = []
  const before = cpuOfProcess(contestant.pid) ?? 0
  const begun = performance.now()
  let left = requests
  const work = async (connection: KeptConnection, n: number): Promise<void> => {
    const path = contestant.body ? pathToWrite(n) : contestant.path
    for (let expected = heads[n] ?? 0; left-- > 0; expected += 1) {
      const sent = performance.now()
      await connection.ask(method, path, token, contestant.body?.(expected))
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(connections.map(work))
  const elapsed = performance.now() - begun
  for (const connection of connections) connection.close()
  return { cpu: ((cpuOfProcess(contestant.pid) ?? 0) - before) / requests, latencies, perSecond: (requests / elapsed) * 1000 }
}

/** Each connection saves an environment of its own. */
function pathToWrite(n: number): string {
  return `/api/v1/environments/main/bench/write-${n}`
}

async function headOf(connection: KeptConnection, n: number, token: string | undefined): Promise<number> {
  return (JSON.parse(await connection.ask('GET', pathToWrite(n), token)) as { revision: number }).revision
}
