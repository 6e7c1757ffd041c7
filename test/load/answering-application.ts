/**
 * An application that answers every kind of traffic the load generator makes, and says which release it is. In this
 * process (`answer`), or as a program for tests that kill it: `node answering-application.ts --release NAME [--port N]` prints its port.
 */
import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'

export interface Answering {
  readonly port: number
  /** `127.0.0.1:port`, as a routing table has it. */
  readonly address: string
  readonly server: Server
  /** Requests it was sent. */
  readonly received: () => number
  /** Ends it the rude way: every connection is cut. */
  close(): Promise<void>
}

export interface AnsweringOptions {
  readonly release: string
  readonly port?: number
  /** How long `/` takes. */
  readonly delayMs?: number
  /** Every answer to `/` is a 500. */
  readonly failing?: boolean
}

/** Answers `/`, `/upload`, `/stream`, `/events` and the WebSocket `/socket`, which sends back what it is sent. */
export async function answer(options: AnsweringOptions): Promise<Answering> {
  let received = 0
  const server = createServer((request, response) => {
    received += 1
    response.setHeader('x-release', options.release)
    const route = ROUTES[request.url?.split('?', 1)[0] ?? '/'] ?? greet
    route(request, response, options)
  })
  const sockets = new WebSocketServer({ server, path: '/socket', perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    received += 1
    socket.on('error', () => {})
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
    if (server.listening) await once(server, 'close')
  }
  return { port, address: `127.0.0.1:${port}`, server, received: () => received, close }
}

type Answer = (request: IncomingMessage, response: ServerResponse, options: AnsweringOptions) => void

const ROUTES: Readonly<Record<string, Answer>> = { '/upload': swallow, '/stream': stream, '/events': sendEvents }

function greet(_request: IncomingMessage, response: ServerResponse, options: AnsweringOptions): void {
  const say = (): void => {
    response.writeHead(options.failing ? 500 : 200, { 'content-type': 'text/plain' })
    response.end(`release ${options.release}\n`)
  }
  if (options.delayMs) setTimeout(say, options.delayMs)
  else say()
}

/** Says how many bytes arrived, so a lost one is noticed. */
function swallow(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  request.on('end', () => response.setHeader('x-received-bytes', bytes).end(`${bytes}\n`))
  request.on('error', () => response.destroy())
}

/** Twenty pieces, each in its own time. */
function stream(_request: IncomingMessage, response: ServerResponse): void {
  void (async () => {
    for (let piece = 0; piece < 20 && !response.destroyed; piece += 1) {
      response.write(`piece ${piece} ${'.'.repeat(1_000)}\n`)
      await pause(2)
    }
    response.end()
  })()
}

function sendEvents(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let id = 0
  const timer = setInterval(() => response.write(`id: ${(id += 1)}\ndata: tick\n\n`), 25)
  response.on('close', () => clearInterval(timer))
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      release: { type: 'string', default: 'r' },
      port: { type: 'string', default: '0' },
      failing: { type: 'boolean', default: false },
    },
  })
  const answering = await answer({ release: values.release, port: Number(values.port), failing: values.failing })
  process.stdout.write(`${JSON.stringify({ port: answering.port })}\n`)
}
