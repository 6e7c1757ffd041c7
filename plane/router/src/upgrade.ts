import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { UpgradeRequest } from './exchange.ts'
import { responseHeaders } from './response-head.ts'
import type { Upstream } from './upstream.ts'
import { WebSocketRelay } from './websocket-relay.ts'

/** Whether a request asks for a WebSocket, the one protocol the router lets connections change to. */
export function asksForWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket' && request.httpVersionMinor === 1
}

/** Node hands an upgrade over without a response; until the instance accepts, an ordinary one may be needed. It ends the connection. */
export function responseFor(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => {
    response.detachSocket(socket)
    socket.destroySoon()
  })
  return response
}

/** Tells the client that its connection is a WebSocket now and joins the two ends. */
export function acceptUpgrade(
  response: ServerResponse,
  upgrade: UpgradeRequest,
  headers: IncomingHttpHeaders,
  instance: Duplex,
  upstream: Upstream,
): void {
  const { socket, early } = upgrade
  response.detachSocket(socket)
  const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket']
  const fields = responseHeaders(headers, { trailers: false, close: false })
  for (let index = 0; index < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`)
  const relay = new WebSocketRelay(socket, instance, upstream)
  socket.setNoDelay(true)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  relay.start(early)
}
