import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { Run } from './load.ts'

/** Closed with these, a WebSocket was ended properly by a server that goes away or starts anew. */
const PROPER = new Set([1000, 1001, 1012])
/** Between two messages when the load names no pause of its own. */
const BETWEEN_MS = 20

/**
 * Opens one WebSocket and sends messages over it, each of which must come back, until the load or the other side ends
 * it. The opening counts as one request and so does every message; a message that is on its way when the server closes properly is not counted.
 * Never rejects.
 *
 * @returns false when it failed
 */
export function talkOverWebSocket(run: Run, worker: number, path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const { host, pauseMs } = run.options
  const address = new URL(path, run.target)
  address.protocol = 'ws:'
  const socket = new WebSocket(address, { headers: host ? { host } : {}, perMessageDeflate: false, handshakeTimeout: run.options.requestMs ?? 30_000 })
  let began = performance.now()
  let expected = ''
  let opened = false
  let refusedWith: string | undefined
  let timer: NodeJS.Timeout | undefined
  let well = true
  const failed = (reason: string, detail = ''): void => {
    well = false
    run.tally.failed('webSockets', worker, reason, detail)
  }
  const say = (): void => {
    if (run.ending.aborted) return
    expected = randomBytes(12).toString('hex')
    began = performance.now()
    socket.send(expected)
  }
  const atEnd = (): void => socket.close(1000)

  run.ending.addEventListener('abort', atEnd)
  socket.on('open', () => {
    opened = true
    run.tally.answered('webSockets', { status: 101, tookMs: performance.now() - began })
    say()
  })
  socket.on('message', (data) => {
    if (String(data) === expected) run.tally.answered('webSockets', { status: 101, tookMs: performance.now() - began })
    else failed('websocket-garbled', String(data).slice(0, 80))
    timer = setTimeout(say, pauseMs ?? BETWEEN_MS)
  })
  socket.on('unexpected-response', (_request, response) => {
    const router = response.headers['x-headgate-router']
    refusedWith = router === undefined ? undefined : `router-${String(router)}`
    if (router === undefined) run.tally.answered('webSockets', { status: response.statusCode ?? 0, tookMs: performance.now() - began })
    else failed(refusedWith as string, String(response.statusCode))
    response.resume()
    socket.terminate()
  })
  let lastError = ''
  socket.on('error', (error: NodeJS.ErrnoException) => (lastError = error.code ?? error.message))
  socket.on('close', (code) => {
    clearTimeout(timer)
    run.ending.removeEventListener('abort', atEnd)
    const how = PROPER.has(code) ? String(code) : 'cut'
    if (opened) run.tally.webSocketEnded(how)
    if (!run.ending.aborted && how === 'cut' && refusedWith === undefined && (opened || !lastError.startsWith('Unexpected'))) {
      failed(opened ? 'websocket-cut' : reasonOf(lastError), `${code} ${lastError}`)
    }
    resolve(well)
  })
  return promise
}

function reasonOf(error: string): string {
  if (error === 'ECONNREFUSED') return 'refused'
  if (error === 'ECONNRESET' || error === 'socket hang up') return 'reset'
  return 'websocket-refused'
}
