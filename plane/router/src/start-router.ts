import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RouterStatus } from '@headgate/contract'
import { RouterClient } from './client.ts'
import { stillRuns } from './process-identity.ts'
import { RouterError, refused } from './router-error.ts'
import { type RouterRecord, logPath, openStateFolder, readRecord } from './state-folder.ts'

const START_MS = 10_000
const LOOK_AGAIN_MS = 15
/** How long a process may take from its last socket to its end. */
const ENDING_MS = 2_000
/** What `router-main.ts` ends with when another router has the folder. */
const ALREADY_RUNNING = 3

export interface StartRouterOptions {
  /** The router's own folder; made when missing. */
  readonly state: string
  /** 0 or absent: the port the folder kept, else one the system chooses. */
  readonly port?: number
  /** 127.0.0.1 when absent. */
  readonly host?: string
  /** Whether X-Forwarded fields of clients are dropped (`set`, when absent) or kept because a trusted proxy is in front (`append`). */
  readonly forwarded?: 'set' | 'append'
  /** 10,000 when absent. */
  readonly startTimeoutMs?: number
}

export interface StartedRouter {
  readonly client: RouterClient
  readonly status: RouterStatus
  /** It ran already. */
  readonly adopted: boolean
  readonly pid: number
  readonly host: string
  readonly port: number
}

/**
 * The router of a folder: the one that runs already, recognised by pid and start time and by its control socket
 * answering as that run, else a new one in a session of its own, with its output in `router.log`, which outlives the caller.
 *
 * @throws RouterError `port-differs`, `port-taken`, `unreachable` (it runs but does not answer), `start-failed`
 */
export async function startRouter(options: StartRouterOptions): Promise<StartedRouter> {
  const state = resolve(options.state)
  const running = await findRouter(state)
  if (running) return sameAddress(running, options)
  const limitMs = options.startTimeoutMs ?? START_MS
  await awaitEnding(state, limitMs)
  await openStateFolder(state)
  const child = await launch(state, options)
  try {
    return await awaitReady(state, child, limitMs)
  } finally {
    child.removeAllListeners()
    child.unref()
  }
}

/**
 * The router that runs on a folder, or undefined when none does. Starts nothing.
 *
 * @throws RouterError `unreachable` when its process runs and its control socket does not answer
 */
export async function findRouter(folder: string): Promise<StartedRouter | undefined> {
  const state = resolve(folder)
  const record = await readRecord(state)
  if (!record || !stillRuns(record)) return undefined
  const client = new RouterClient(state)
  const status = await statusUnlessEnding(client, record)
  return status?.run === record.run && !status.stopping ? describe(client, record, status, { adopted: true }) : undefined
}

/** A process that was killed has lost its sockets a while before it is gone, so one that refuses is looked at again. */
async function statusUnlessEnding(client: RouterClient, record: RouterRecord): Promise<RouterStatus | undefined> {
  for (const until = performance.now() + ENDING_MS; ; await new Promise((tick) => setTimeout(tick, LOOK_AGAIN_MS))) {
    try {
      return await client.status()
    } catch (error) {
      // Off Linux a pid alone proves nothing.
      if (record.startTime === '' || !stillRuns(record)) return undefined
      if (performance.now() >= until) throw error
    }
  }
}

function describe(client: RouterClient, record: RouterRecord, status: RouterStatus, { adopted }: { adopted: boolean }): StartedRouter {
  return { client, status, adopted, pid: record.pid, host: status.host, port: status.port }
}

function sameAddress(running: StartedRouter, options: StartRouterOptions): StartedRouter {
  const { host, port } = running
  if ((options.port ?? 0) !== 0 && options.port !== port) {
    throw refused('port-differs', `the router of this folder runs on port ${port}; stop it first to have it on ${options.port}`, { port })
  }
  if (options.host !== undefined && options.host !== host) {
    throw refused('port-differs', `the router of this folder listens on ${host}; stop it first to have it on ${options.host}`, { host })
  }
  return running
}

/** One that is going down still has the port and the folder; the next one waits for it, up to the limit. */
async function awaitEnding(state: string, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs
  const record = await readRecord(state)
  while (record && record.startTime !== '' && stillRuns(record) && performance.now() < until) {
    await new Promise((tick) => setTimeout(tick, LOOK_AGAIN_MS))
  }
}

async function launch(state: string, options: StartRouterOptions): Promise<ChildProcess> {
  const here = fileURLToPath(import.meta.url)
  const entry = fileURLToPath(new URL(`./router-main${extname(here)}`, import.meta.url))
  const argv = [entry, '--state', state, '--port', String(options.port ?? 0), '--log', logPath(state), '--json']
  if (options.host !== undefined) argv.push('--host', options.host)
  if (options.forwarded !== undefined) argv.push('--forwarded', options.forwarded)
  // What is not the router's own word, such as the engine's last one, goes to the same file.
  const output = await open(logPath(state), 'a', 0o600)
  try {
    // Whatever the caller's environment holds is none of a router's business. What it compiles is kept, so that one that takes the place of a
    // killed one is there in half the time.
    const env = { NODE_COMPILE_CACHE: join(state, 'compiled') }
    return spawn(process.execPath, argv, { cwd: state, env, detached: true, stdio: ['ignore', output.fd, output.fd] })
  } finally {
    await output.close()
  }
}

async function awaitReady(state: string, child: ChildProcess, limitMs: number): Promise<StartedRouter> {
  const until = performance.now() + limitMs
  let failed: Error | undefined
  child.on('error', (error) => (failed = error))
  while (performance.now() < until && !failed) {
    const ready = await lookFor(state, child)
    if (ready) return ready
    if (hasEnded(child) && child.exitCode !== ALREADY_RUNNING) break
    await new Promise((tick) => setTimeout(tick, LOOK_AGAIN_MS))
  }
  if (!hasEnded(child) && child.pid !== undefined) child.kill('SIGKILL')
  throw await whyNot(state, failed)
}

/** The router that is ready: the child, or the one of another caller who was faster. */
async function lookFor(state: string, child: ChildProcess): Promise<StartedRouter | undefined> {
  if (child.exitCode === ALREADY_RUNNING) return findRouter(state).catch(() => undefined)
  const record = await readRecord(state)
  if (!record || record.pid !== child.pid || !stillRuns(record)) return undefined
  const client = new RouterClient(state)
  const status = await client.status().catch(() => undefined)
  return status?.run === record.run ? describe(client, record, status, { adopted: false }) : undefined
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** The router's own last word, from the end of its log. */
async function whyNot(state: string, failed: Error | undefined): Promise<RouterError> {
  const lines = (await readFile(logPath(state), 'utf8').catch(() => '')).trim().split('\n')
  const last = lines.findLast((line) => !line.startsWith('{"router":')) ?? ''
  try {
    const { event, code, error } = JSON.parse(last) as { event?: string; code?: string; error?: string }
    if (event === 'start-failed' && code === 'port-taken') return refused('port-taken', error ?? 'the port is taken')
  } catch {
    // Not one of its own lines; quoted below as it is.
  }
  return new RouterError(
    { code: 'start-failed', message: `the router did not start: ${failed?.message ?? last.slice(0, 500)}` },
    { cause: failed },
  )
}
