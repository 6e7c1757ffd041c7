import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { type Run, hostOf } from './run.ts'
import type { LoadKind } from './tally.ts'

export interface HttpCall {
  readonly kind: LoadKind
  readonly worker: number
  readonly path: string
  /** Absent: a connection of its own for each request. */
  readonly agent: Agent | undefined
}

/** How long requests under way may still take once the load is over; those left are abandoned and not counted. */
const ENDING_MS = 5_000
const CHUNK = Buffer.alloc(16 * 1024, 'headgate load ')

/** Makes one request and counts it, once. Never rejects. @returns false when it failed */
export function callHttp(run: Run, call: HttpCall): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const began = performance.now()
  const outgoing = request(new URL(call.path, run.target), optionsOf(run, call))
  let counted = false
  const timers: NodeJS.Timeout[] = []
  const count = (how: () => void, went: 'well' | 'wrong' = 'well'): void => {
    if (counted) return
    counted = true
    for (const timer of timers) clearTimeout(timer)
    run.ending.removeEventListener('abort', atEnd)
    how()
    resolve(went === 'well')
  }
  const abandon = (): void => {
    count(() => {})
    outgoing.destroy()
  }
  // A stream of events has no end of its own: it goes with the load.
  const atEnd = (): void => void (call.kind === 'events' ? abandon() : timers.push(setTimeout(abandon, ENDING_MS)))
  const fail = (reason: string, detail = ''): void => count(() => run.tally.failed(call.kind, call.worker, reason, detail), 'wrong')

  run.ending.addEventListener('abort', atEnd)
  if (call.kind !== 'events') {
    const late = (): void => {
      fail('timeout', call.path)
      outgoing.destroy()
    }
    timers.push(setTimeout(late, run.options.requestMs ?? 30_000))
  }
  outgoing.on('error', (error) => fail(reasonOf(error), error.message))
  outgoing.on('response', (response) => {
    response.resume()
    response.on('error', (error) => fail('truncated', error.message))
    response.on('end', () => {
      const fault = faultOf(run, call, response)
      if (fault) return fail(fault.reason, fault.detail)
      count(() => run.tally.answered(call.kind, answerOf(run, response, performance.now() - began)))
    })
    response.on('close', () => fail('truncated', 'the response ended before it was whole'))
  })
  send(run, call, outgoing)
  return promise
}

function optionsOf(run: Run, call: HttpCall): RequestOptions {
  const host = hostOf(run, call.worker)
  return {
    method: call.kind === 'uploads' ? 'POST' : 'GET',
    agent: call.agent ?? false,
    headers: {
      ...(host && { host }),
      ...(call.kind === 'events' && { accept: 'text/event-stream' }),
      // Every other worker does not say how long its upload is.
      ...(call.kind === 'uploads' && call.worker % 2 === 0 && { 'content-length': uploadBytes(run) }),
    },
  }
}

function send(run: Run, call: HttpCall, outgoing: ReturnType<typeof request>): void {
  if (call.kind !== 'uploads') return void outgoing.end()
  let left = uploadBytes(run)
  const more = (): void => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
      left -= chunk.length
      if (!outgoing.write(chunk)) return void outgoing.once('drain', more)
    }
    outgoing.end()
  }
  more()
}

function uploadBytes(run: Run): number {
  return run.options.uploadBytes ?? 256 * 1024
}

/** What makes a whole response a failed request: that no application sent it, or that it got the upload wrong. */
function faultOf(run: Run, call: HttpCall, response: IncomingMessage): { reason: string; detail: string } | undefined {
  const status = response.statusCode ?? 0
  if (!response.complete) return { reason: 'truncated', detail: 'the response ended before it was whole' }
  const router = response.headers['x-headgate-router']
  if (router !== undefined) return { reason: `router-${String(router)}`, detail: String(status) }
  const received = response.headers['x-received-bytes']
  if (call.kind === 'uploads' && received !== undefined && Number(received) !== uploadBytes(run)) {
    return { reason: 'upload-truncated', detail: `${String(received)} of ${uploadBytes(run)} bytes arrived` }
  }
  return undefined
}

function answerOf(run: Run, response: IncomingMessage, tookMs: number): { status: number; label?: string; tookMs: number } {
  const label = run.options.labelHeader === undefined ? undefined : response.headers[run.options.labelHeader.toLowerCase()]
  return { status: response.statusCode ?? 0, tookMs, ...(label !== undefined && { label: String(label) }) }
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  return code ?? 'unreadable'
}
