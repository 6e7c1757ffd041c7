import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type RefusalReason, rawRefusal } from './refusal.ts'
import type { Traffic } from './traffic.ts'
import { asksForWebSocket, responseFor } from './upgrade.ts'

/** All header fields of a request together. */
const REQUEST_HEAD_BYTES = 32 * 1024
/** How long a client may take for them. */
const REQUEST_HEAD_MS = 30_000
/** How long a client's connection may lie idle. Longer than clients commonly keep theirs, so it is they who close. */
const KEEP_ALIVE_MS = 75_000

/** The public side: HTTP/1.1 in, every request handed to the traffic. */
export function createTrafficServer(traffic: Traffic): Server {
  const server = createServer({
    maxHeaderSize: REQUEST_HEAD_BYTES,
    headersTimeout: REQUEST_HEAD_MS,
    // Uploads take as long as they take; a body that stops coming is noticed by the sweep.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 5_000,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    insecureHTTPParser: false,
    // A request without a body is whole with its head; nothing here reads a stream of it.
    optimizeEmptyRequests: true,
    // Our own reading of the head refuses these, with a reason.
    requireHostHeader: false,
    shouldUpgradeCallback: asksForWebSocket,
  })
  // Bytes limit the header fields already; Node's count would drop those beyond it silently.
  server.maxHeadersCount = 0
  const receive = (request: IncomingMessage, response: ServerResponse): void => traffic.receive(request, response)
  server.on('connection', (socket: Socket) => traffic.connected(socket))
  server.on('request', receive)
  server.on('checkContinue', receive)
  server.on('checkExpectation', receive)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, early: Buffer) =>
    receiveUpgrade(traffic, request, socket as Socket, early),
  )
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => end(socket as Socket, 'method-refused', traffic))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => unreadable(error, socket as Socket, traffic))
  return server
}

function receiveUpgrade(traffic: Traffic, request: IncomingMessage, socket: Socket, early: Buffer): void {
  socket.on('error', () => {})
  const response = responseFor(request, socket)
  // Before Node 24.9 upgrades to other protocols arrive here as well.
  if (!asksForWebSocket(request)) return end(socket, 'method-refused', traffic)
  traffic.receive(request, response, { socket, early })
}

/** Node could not read a request on this connection. */
function unreadable(error: NodeJS.ErrnoException, socket: Socket, traffic: Traffic): void {
  // In the middle of a response nothing can be said without becoming a part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || traffic.isAnswering(socket)) return void socket.destroy()
  end(socket, REASON_OF_CODE[error.code ?? ''] ?? 'request-invalid', traffic)
}

const REASON_OF_CODE: Readonly<Record<string, RefusalReason>> = {
  HPE_HEADER_OVERFLOW: 'head-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

function end(socket: Socket, reason: RefusalReason, traffic: Traffic): void {
  traffic.refused(reason)
  socket.on('error', () => {})
  socket.write(rawRefusal(reason))
  socket.destroySoon()
}
