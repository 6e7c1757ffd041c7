/**
 * The router beside a bare Node server, HAProxy and nginx: requests per second of processor time that the process under
 * test itself used, same backend, same run, taking turns. A ratio of these says what passing through costs, whatever else the machine does.
 *
 *   node --conditions=source bench/router.ts [--full]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { RouterClient } from '@headgate/router'
import { freePort } from '../test/free-port.ts'
import { cpuOfProcess, median } from './measure.ts'
import type { BenchOptions, BenchTable } from './table.ts'

const CONNECTIONS = 32
const BODY = 'x'.repeat(105)
const WARM_UP_SECONDS = 4
const OURS = 'router'
const UNIT = 'requests per CPU second'
const TARGET = 15_000

interface Contestant {
  readonly name: string
  readonly pid: number
  readonly port: number
}

interface Turn {
  readonly perCpuSecond: number
  readonly perSecond: number
}

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const title = 'Requests through a proxy, by the processor time the proxy itself uses'
  if (process.platform !== 'linux')
    return [{ title, rows: [], notes: ['left out: the processor time of another process is read from /proc'] }]
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
    const turns = await takeTurns(contestants, full ? { seconds: 3, rounds: 9 } : { seconds: 1, rounds: 3 })
    return [tableOf(title, turns, leftOut)]
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function takeTurns(
  contestants: readonly Contestant[],
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<ReadonlyMap<string, readonly Turn[]>> {
  const turns = new Map(contestants.map(({ name }) => [name, [] as Turn[]]))
  // Node compiles what runs often only after a while; a figure of its first seconds says nothing about the rest of the day.
  for (const { port } of contestants) await load(port, WARM_UP_SECONDS)
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, pid, port } of contestants) {
      const before = cpuOfProcess(pid) ?? 0
      const { requests, tookSeconds } = await load(port, seconds)
      const cpuSeconds = ((cpuOfProcess(pid) ?? 0) - before) / 1_000_000
      turns.get(name)?.push({ perCpuSecond: requests / cpuSeconds, perSecond: requests / tookSeconds })
    }
  }
  return turns
}

function tableOf(title: string, turns: ReadonlyMap<string, readonly Turn[]>, leftOut: readonly string[]): BenchTable {
  const rate = (name: string): number => median((turns.get(name) ?? []).map(({ perCpuSecond }) => perCpuSecond))
  const ours = rate(OURS)
  const rows = [...turns.keys()].map((name) => {
    const value = rate(name)
    if (name === OURS) return { name, value, unit: UNIT, target: `at least ${TARGET.toLocaleString('en-GB')}`, met: value >= TARGET }
    return { name, value, unit: UNIT, comparedTo: OURS, ratio: value / ours }
  })
  const clock = [...turns].map(
    ([name, taken]) => `${name} ${Math.round(median(taken.map(({ perSecond }) => perSecond))).toLocaleString('en-GB')}`,
  )
  const notes = [
    `${CONNECTIONS} keep-alive connections with one request at a time on each, a body of ${BODY.length} bytes, one thread or process each, medians.`,
    `Requests per second of the clock, beside the load and the backend on this machine: ${clock.join(', ')}.`,
    ...leftOut.map((name) => `Left out: ${name} is not installed here.`),
  ]
  return { title, rows, notes }
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
  const main = resolve(import.meta.dirname, '../plane/router/src/router-main.ts')
  const { pid, port } = await startNode(children, [main, '--state', state, '--json'])
  const upstreams = [{ id: 'backend', release: 'one', address: `127.0.0.1:${backend}`, weight: 100 }]
  await new RouterClient(state).putTable({
    epoch: 1,
    expectedRevision: 0,
    table: { services: [{ id: 'bench', domains: ['*'], upstreams }] },
  })
  return { name: OURS, pid, port }
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

if (import.meta.main) {
  const { terminalTable } = await import('../tools/benching/print.ts')
  for (const table of await bench({ full: process.argv.includes('--full') })) process.stdout.write(`${terminalTable(table)}\n`)
}
