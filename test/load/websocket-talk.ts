import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type RawData, WebSocket } from 'ws'
import { type Run, hostOf } from './run.ts'

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
  return new Talk(run, worker).over(path)
}

class Talk {
  readonly #run: Run
  readonly #worker: number
  #began = performance.now()
  #expected = ''
  #state: 'opening' | 'open' | 'refused' = 'opening'
  #well = true
  #error = ''
  #timer: NodeJS.Timeout | undefined

  constructor(run: Run, worker: number) {
    this.#run = run
    this.#worker = worker
  }

  over(path: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const { target, options, ending } = this.#run
    const address = new URL(path, target)
    address.protocol = 'ws:'
    const host = hostOf(this.#run, this.#worker)
    const headers = host === undefined ? {} : { host }
    const socket = new WebSocket(address, { headers, perMessageDeflate: false, handshakeTimeout: options.requestMs ?? 30_000 })
    const atEnd = (): void => socket.close(1000)
    ending.addEventListener('abort', atEnd)
    socket.on('open', () => this.#opened(socket))
    socket.on('message', (data) => this.#heard(socket, data))
    socket.on('unexpected-response', (_request, response) => this.#refused(socket, response))
    socket.on('error', (error: NodeJS.ErrnoException) => (this.#error = error.code ?? error.message))
    socket.on('close', (code) => {
      ending.removeEventListener('abort', atEnd)
      this.#closed(code)
      resolve(this.#well)
    })
    return promise
  }

  #opened(socket: WebSocket): void {
    this.#state = 'open'
    this.#answered(101)
    this.#say(socket)
  }

  #say(socket: WebSocket): void {
    if (this.#run.ending.aborted) return
    this.#expected = randomBytes(12).toString('hex')
    this.#began = performance.now()
    socket.send(this.#expected)
  }

  #heard(socket: WebSocket, data: RawData): void {
    const said = String(data)
    if (said === this.#expected) this.#answered(101)
    else this.#failed('websocket-garbled', said.slice(0, 80))
    this.#timer = setTimeout(() => this.#say(socket), this.#run.options.pauseMs ?? BETWEEN_MS)
  }

  /** Answered with something else than an upgrade: the application's right, the router's failure. */
  #refused(socket: WebSocket, response: IncomingMessage): void {
    this.#state = 'refused'
    const router = response.headers['x-headgate-router']
    if (router === undefined) this.#answered(response.statusCode ?? 0)
    else this.#failed(`router-${String(router)}`, String(response.statusCode))
    response.resume()
    socket.terminate()
  }

  #closed(code: number): void {
    clearTimeout(this.#timer)
    const proper = PROPER.has(code)
    if (this.#state === 'open') this.#run.tally.webSocketEnded(proper ? String(code) : 'cut')
    if (proper || this.#state === 'refused' || this.#run.ending.aborted) return
    this.#failed(this.#state === 'open' ? 'websocket-cut' : reasonOf(this.#error), `${code} ${this.#error}`)
  }

  #answered(status: number): void {
    this.#run.tally.answered('webSockets', { status, tookMs: performance.now() - this.#began })
  }

  #failed(reason: string, detail: string): void {
    this.#well = false
    this.#run.tally.failed('webSockets', this.#worker, reason, detail)
  }
}

function reasonOf(error: string): string {
  if (error === 'ECONNREFUSED') return 'refused'
  if (error === 'ECONNRESET' || error === 'socket hang up') return 'reset'
  return 'websocket-refused'
}
