/**
 * A load generator of our own, which shares no code with what it is pointed at: plain HTTP/1.1 on keep-alive
 * connections and fresh ones, uploads, streamed responses, server-sent events and WebSockets, bounded in count and time. It counts what
 * users would notice: a request that was refused, reset or cut short, or answered 5xx by something that is not the application.
 */
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type HttpCall, callHttp } from './http-call.ts'
import type { Run } from './run.ts'
import { LOAD_KINDS, type LoadKind, type LoadReport, Tally } from './tally.ts'
import { talkOverWebSocket } from './websocket-talk.ts'

export type { LoadKind, LoadReport } from './tally.ts'

/** Where each kind of traffic goes; the examples and tests of this repository answer these. */
export const DEFAULT_PATHS: Readonly<Record<LoadKind, string>> = {
  keepAlive: '/',
  connections: '/',
  uploads: '/upload',
  streams: '/stream',
  events: '/events',
  webSockets: '/socket',
}

export interface LoadOptions {
  /** `http://host:port`. */
  readonly target: string
  /** The Host header, where it differs from the target; of several the workers of a kind take turns. */
  readonly host?: string | readonly string[]
  /** Workers by kind; each has one connection at a time. A kind that is absent makes no traffic. */
  readonly workers: Partial<Readonly<Record<LoadKind, number>>>
  readonly paths?: Partial<Readonly<Record<LoadKind, string>>>
  /** The load ends after this long; 10,000 when absent. */
  readonly maxMs?: number
  /** And after this many requests; unbounded when absent. */
  readonly maxRequests?: number
  /** How long a worker waits between requests; 0 when absent. */
  readonly pauseMs?: number
  /** Bytes of one upload; 256 KiB when absent. */
  readonly uploadBytes?: number
  /** A request that takes longer has failed; 30,000 when absent. Streams of events and WebSockets have no limit. */
  readonly requestMs?: number
  /** Responses are counted by this header's value, for example the release that answered. */
  readonly labelHeader?: string
}

/** After a failure a worker rests, so a refusing target is not counted as fast as it can refuse. */
const AFTER_FAILURE_MS = 20

/** A load under way. */
export interface Load {
  /** What was counted so far. */
  report(): LoadReport
  /** Lets requests under way end, and ends. */
  stop(): Promise<LoadReport>
  /** Resolves when it has ended, by its bounds or by `stop`. */
  readonly done: Promise<LoadReport>
}

/** Begins a load. It ends by itself at its bounds. */
export function startLoad(options: LoadOptions): Load {
  const ending = new AbortController()
  const tally = new Tally()
  const run: Run = { target: new URL(options.target), options, tally, ending: ending.signal }
  const timer = setTimeout(() => ending.abort(), options.maxMs ?? 10_000)
  const workers = LOAD_KINDS.flatMap((kind) =>
    Array.from({ length: options.workers[kind] ?? 0 }, (_, worker) => work(run, kind, worker, ending)),
  )
  const done = Promise.all(workers).then(() => {
    clearTimeout(timer)
    return tally.report()
  })
  return {
    report: () => tally.report(),
    done,
    stop() {
      ending.abort()
      return done
    },
  }
}

async function work(run: Run, kind: LoadKind, worker: number, ending: AbortController): Promise<void> {
  const { maxRequests = Number.POSITIVE_INFINITY, pauseMs = 0 } = run.options
  const path = run.options.paths?.[kind] ?? DEFAULT_PATHS[kind]
  const agent = kind === 'connections' ? undefined : new Agent({ keepAlive: true, maxSockets: 1 })
  const call: HttpCall = { kind, worker, path, agent }
  while (!run.ending.aborted) {
    const well = kind === 'webSockets' ? await talkOverWebSocket(run, worker, path) : await callHttp(run, call)
    if (run.tally.requests >= maxRequests) ending.abort()
    const restMs = well ? pauseMs : Math.max(pauseMs, AFTER_FAILURE_MS)
    if (restMs > 0) await pause(restMs, undefined, { signal: run.ending }).catch(() => {})
  }
  agent?.destroy()
}
