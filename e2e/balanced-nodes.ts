import { once } from 'node:events'
import { createServer as createHttpServer, request } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { TestContext } from 'node:test'

/** One address for several nodes, as a load balancer gives it. */
export interface Balancer {
  readonly url: string
  /** Where connections go, by port; changed as nodes come and go. */
  nodes: readonly number[]
}

/** Passes each connection on to one of the nodes, by turns; to the next where one does not take it. */
export async function startBalancer(context: TestContext): Promise<Balancer> {
  const balancer = { url: '', nodes: [] as readonly number[] }
  let turn = 0
  const open = new Set<{ destroy(): unknown }>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    const attempt = (ports: readonly number[]): void => {
      const [port, ...rest] = ports
      if (port === undefined) return void socket.destroy()
      const upstream = connect(port, '127.0.0.1')
      upstream.on('error', () => (upstream.bytesWritten > 0 || upstream.readyState === 'open' ? socket.destroy() : attempt(rest)))
      upstream.on('connect', () => {
        socket.pipe(upstream).pipe(socket)
        upstream.on('close', () => socket.destroy())
        socket.on('close', () => upstream.destroy())
      })
    }
    turn += 1
    const first = turn % Math.max(1, balancer.nodes.length)
    attempt([...balancer.nodes.slice(first), ...balancer.nodes.slice(0, first)])
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  balancer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return balancer
}

/** Passes each single request on to one of the nodes, by turns, as a load balancer does that speaks HTTP. */
export async function startRequestBalancer(context: TestContext, nodes: () => readonly number[]): Promise<string> {
  let turn = 0
  const server = createHttpServer((asked, reply) => {
    const ports = nodes()
    const port = ports[(turn += 1) % ports.length]
    const { method, url, headers } = asked
    const upstream = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(reply)
      answer.on('error', () => reply.destroy())
    })
    upstream.on('error', () => reply.destroy())
    reply.on('close', () => upstream.destroy())
    asked.pipe(upstream)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
