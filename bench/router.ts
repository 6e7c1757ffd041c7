/**
 * The router beside a bare Node server, HAProxy and nginx: requests per second of processor time that the process under
 * test itself used, same backend, same run, taking turns. A ratio of these says what passing through costs, whatever else the machine does.
 *
 *   node bench/router.ts [--seconds S] [--rounds N] [--json]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { RouterClient } from '../plane/router/src/client.ts'
import { freePort } from '../test/free-port.ts'

const CONNECTIONS = 32
const BODY = 'x'.repeat(105)
const WARM_UP_SECONDS = 4
/** What the blueprint's bar compares with: router ≥ 15,000 requests per processor second. */
const TARGET = 15_000

export interface RouterBenchOptions {
  /** How long each turn takes; 2 when absent. */
  readonly seconds?: number
  /** How often each takes its turn; 5 when absent. */
  readonly rounds?: number
  readonly print?: (line: string) => void
}

export interface RouterBenchRow {
  readonly name: string
  /** Requests per second of the process's own processor time: the median of the rounds. */
  readonly perCpuSecond: number
  /** Requests per second of the clock, beside whatever else ran. */
  readonly perSecond: number
  /** `perCpuSecond` as a multiple of the router's. */
  readonly ratio: number
}

export interface RouterBenchResult {
  readonly rows: readonly RouterBenchRow[]
  /** What is not installed here. */
  readonly leftOut: readonly string[]
  readonly target: { readonly perCpuSecond: number; readonly met: boolean }
}

interface Contestant {
  readonly name: string
  readonly pid: number
  readonly port: number
}

/** Runs the comparison and prints its table. Needs Linux, for `/proc`. */
export async function bench({ seconds = 2, rounds = 5, print = console.log }: RouterBenchOptions = {}): Promise<RouterBenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const children: ChildProcess[] = []
  try {
    const backend = await startBackend(children)
    const contestants: Contestant[] = [{ name: 'bare Node server', ...backend }, await startOurs(children, folder, backend.port)]
    const leftOut: string[] = []
    for (const [name, start] of PEERS) {
      if (isInstalled(name)) contestants.push(await start(children, folder, backend.port))
      else leftOut.push(name)
    }
    const rows = await compare(contestants, seconds, rounds)
    const ours = rows.find((row) => row.name === 'router')?.perCpuSecond ?? 0
    const result = { rows, leftOut, target: { perCpuSecond: TARGET, met: ours >= TARGET } }
    printTable(result, print)
    return result
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(contestants: readonly Contestant[], seconds: number, rounds: number): Promise<RouterBenchRow[]> {
  const taken = new Map(contestants.map(({ name }) => [name, [] as { perCpuSecond: number; perSecond: number }[]]))
  // Node compiles what runs often only after a while; a figure of its first seconds says nothing about the rest of the day.
  for (const { port } of contestants) await load(port, WARM_UP_SECONDS)
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, pid, port } of contestants) {
      const before = cpuSeconds(pid)
      const { requests, tookSeconds } = await load(port, seconds)
      taken.get(name)?.push({ perCpuSecond: requests / (cpuSeconds(pid) - before), perSecond: requests / tookSeconds })
    }
  }
  const middle = (name: string, of: 'perCpuSecond' | 'perSecond'): number => {
    const sorted = (taken.get(name) ?? []).map((one) => one[of]).toSorted((a, b) => a - b)
    return sorted[Math.trunc(sorted.length / 2)] ?? 0
  }
  const ours = middle('router', 'perCpuSecond')
  return contestants.map(({ name }) => {
    const perCpuSecond = middle(name, 'perCpuSecond')
    return {
      name,
      perCpuSecond: Math.round(perCpuSecond),
      perSecond: Math.round(middle(name, 'perSecond')),
      ratio: Math.round((perCpuSecond / ours) * 100) / 100,
    }
  })
}

/** Keep-alive connections, each with one request at a time, that count whole responses by their known length. */
async function load(port: number, seconds: number): Promise<{ requests: number; tookSeconds: number }> {
  const began = performance.now()
  const until = began + seconds * 1_000
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(port, until)))
  return { requests: counts.reduce((sum, count) => sum + count, 0), tookSeconds: (performance.now() - began) / 1_000 }
}

function ask(port: number, until: number): Promise<number> {
  const request = Buffer.from(`GET /bench HTTP/1.1\r\nHost: bench.localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`)
  const { promise, resolve: done, reject } = Promise.withResolvers<number>()
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let count = 0
  let pending = ''
  socket.on('connect', () => socket.write(request))
  socket.on('error', reject)
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1')
    if (!pending.endsWith(BODY)) return
    if (!pending.startsWith('HTTP/1.1 200')) return reject(new Error(`not a 200: ${pending.slice(0, 100)}`))
    pending = ''
    count += 1
    if (performance.now() < until) return void socket.write(request)
    socket.destroy()
    done(count)
  })
  return promise
}

async function startBackend(children: ChildProcess[]): Promise<{ pid: number; port: number }> {
  const program = `
    const server = require('node:http').createServer((request, response) => response.end('${BODY}'))
    server.keepAliveTimeout = 60_000
    server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))`
  return startNode(children, ['-e', program])
}

async function startOurs(children: ChildProcess[], folder: string, backend: number): Promise<Contestant> {
  const state = join(folder, 'router')
  const main = resolve(import.meta.dirname, '../plane/router/src/main.ts')
  const { pid, port } = await startNode(children, [main, '--state', state, '--json'])
  const upstreams = [{ id: 'backend', release: 'one', address: `127.0.0.1:${backend}`, weight: 100 }]
  await new RouterClient(state).putTable({
    epoch: 1,
    expectedRevision: 0,
    table: { services: [{ id: 'bench', domains: ['*'], upstreams }] },
  })
  return { name: 'router', pid, port }
}

async function startNode(children: ChildProcess[], words: readonly string[]): Promise<{ pid: number; port: number }> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  children.push(child)
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { pid: child.pid as number, port: (JSON.parse(String(line)) as { port: number }).port }
}

type StartPeer = (children: ChildProcess[], folder: string, backend: number) => Promise<Contestant>
const PEERS: ReadonlyMap<string, StartPeer> = new Map([
  ['haproxy', startHaproxy],
  ['nginx', startNginx],
])

async function startHaproxy(children: ChildProcess[], folder: string, backend: number): Promise<Contestant> {
  const port = await freePort()
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend front
  bind 127.0.0.1:${port}
  option forwardfor
  default_backend back
backend back
  server one 127.0.0.1:${backend}
`,
  )
  return startPeer(children, 'haproxy', ['-db', '-f', file], port)
}

async function startNginx(children: ChildProcess[], folder: string, backend: number): Promise<Contestant> {
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  upstream back { server 127.0.0.1:${backend}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    location / {
      proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`,
  )
  return startPeer(children, 'nginx', ['-p', folder, '-c', file], port)
}

async function startPeer(children: ChildProcess[], name: string, words: readonly string[], port: number): Promise<Contestant> {
  const child = spawn(name, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect({ port, host: '127.0.0.1' })
    const stands = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    )
    socket.destroy()
    if (stands) return { name, pid: child.pid as number, port }
    await pause(50)
  }
  throw new Error(`${name} does not listen`)
}

function isInstalled(name: string): boolean {
  try {
    execFileSync(name, ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** User and system time of a process and its threads. The kernel counts them in hundredths of a second on every Linux Node runs on. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function printTable({ rows, leftOut, target }: RouterBenchResult, print: (line: string) => void): void {
  print(`router: ${CONNECTIONS} keep-alive connections, ${BODY.length} byte body, one request at a time on each`)
  print(`${'through'.padEnd(20)}${'per CPU second'.padStart(16)}${'of the router'.padStart(16)}${'per second'.padStart(14)}`)
  for (const row of rows) {
    print(
      `${row.name.padEnd(20)}${String(row.perCpuSecond).padStart(16)}${`${row.ratio.toFixed(2)} x`.padStart(16)}${String(row.perSecond).padStart(14)}`,
    )
  }
  for (const name of leftOut) print(`${name.padEnd(20)}left out: not installed here`)
  print(`target: ${target.perCpuSecond} requests per CPU second through the router: ${target.met ? 'met' : 'missed'}`)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  })
  const result = await bench({ seconds: Number(values.seconds), rounds: Number(values.rounds), ...(values.json && { print: () => {} }) })
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
}
