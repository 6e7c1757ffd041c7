/**
 * What a request costs the plane, in processor time of its process: a session, a text, a single secret opened and
 * audited, beside a bare Node HTTP server that answers as many bytes. Each is a process of its own, they take turns,
 * and the load comes from this one over 16 kept connections.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cpuOfProcess, median } from './measure.ts'
import type { BenchOptions, BenchRow, BenchTable } from './table.ts'

const headgate = join(dirname(import.meta.dirname), 'clients', 'cli', 'bin', 'headgate.mjs')
const CONNECTIONS = 16
const bare = `require('node:http').createServer((q, s) => { q.resume(); s.setHeader('content-type', 'application/json'); s.end(JSON.stringify({ text: 'x'.repeat(200) })) }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

interface Contestant {
  readonly name: string
  readonly pid: number
  readonly url: string
  readonly method: string
  readonly path: string
  readonly token?: string
}

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  if (cpuOfProcess(process.pid) === undefined) return [{ title: 'Requests to the plane', rows: [], notes: ['left out: no /proc here'] }]
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-server-'))
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') }
  const words = [headgate, 'serve', '--data', join(folder, 'data'), '--port', '0', '--log', 'none', '--json']
  const plane = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const node = spawn(process.execPath, ['-e', bare], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const ready = JSON.parse(String((await once(plane.stdout, 'data'))[0])) as { url: string; token: string }
    const port = Number(String((await once(node.stdout, 'data'))[0]))
    const environment = '/api/v1/environments/main/bench/dev'
    const body = JSON.stringify({ text: 'values: {key: {fn::secret: bench-value-of-no-worth}}\n' })
    await send({ name: '', pid: 0, url: ready.url, method: 'POST', path: environment, token: ready.token }, body)
    const own = { pid: plane.pid ?? 0, url: ready.url, token: ready.token }
    const contestants: Contestant[] = [
      { name: 'bare Node HTTP', pid: node.pid ?? 0, url: `http://127.0.0.1:${port}`, method: 'GET', path: '/' },
      { ...own, name: 'health, no token', method: 'GET', path: '/health' },
      { ...own, name: 'read a text, sealed', method: 'GET', path: environment },
      { ...own, name: 'open a secret, audited', method: 'POST', path: `${environment}/open` },
    ]
    return [await compare(contestants, full ? { rounds: 9, requests: 4_000 } : { rounds: 3, requests: 800 })]
  } finally {
    for (const child of [plane, node]) child.kill('SIGTERM')
    await once(plane, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(
  contestants: readonly Contestant[],
  { rounds, requests }: { rounds: number; requests: number },
): Promise<BenchTable> {
  const costs = new Map(contestants.map(({ name }) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      const before = cpuOfProcess(contestant.pid) ?? 0
      await sendMany(contestant, requests)
      if (round >= 0) costs.get(contestant.name)?.push(((cpuOfProcess(contestant.pid) ?? 0) - before) / requests)
    }
  }
  const [base] = contestants
  const baseCosts = costs.get(base?.name ?? '') ?? []
  const rows = contestants.map(({ name }, index): BenchRow => {
    const own = costs.get(name) ?? []
    const row = { name, value: median(own), unit: 'CPU µs per request' }
    const ratio = median(own.map((cost, round) => cost / (baseCosts[round] ?? Number.NaN)))
    const compared = index === 0 ? row : { ...row, comparedTo: base?.name ?? '', ratio }
    if (name !== 'open a secret, audited') return compared
    return { ...compared, target: '≤ 125 CPU µs (the plane is made fast in a later step)', met: row.value <= 125 }
  })
  return {
    title: 'Requests to the plane',
    rows,
    notes: [
      `${CONNECTIONS} kept connections, ${requests} requests a turn, ${rounds} rounds, medians; the sender's own time is not counted`,
    ],
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

async function sendMany(contestant: Contestant, requests: number): Promise<void> {
  let left = requests
  const worker = async (): Promise<void> => {
    while (left-- > 0) await send(contestant)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
}

function send({ url, method, path, token }: Contestant, body = ''): Promise<void> {
  const { hostname, port } = new URL(url)
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const sent = request({ agent, hostname, port, method, path, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => ((answer.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${method} ${path}: ${answer.statusCode}`))))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
