import { once } from 'node:events'
import { type IncomingHttpHeaders, type RequestListener, type RequestOptions, type Server, createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { RouterService, RouterUpstream } from '@headgate/contract'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { RouterClient } from '../src/client.ts'
import { RouterLog } from '../src/log.ts'
import { type RouterOptions, type RunningRouter, runRouter } from '../src/router-process.ts'

export interface Routed {
  readonly state: string
  readonly port: number
  readonly router: RunningRouter
  readonly client: RouterClient
  readonly logged: string[]
  /** Puts a table with one service for every host, from whatever the table is now. */
  put(upstreams: readonly RouterUpstream[], more?: Partial<RouterService>): Promise<number>
}

/** A router in this process, on a folder of its own, with what it logs kept. */
export async function routed(context: TestContext, options: Partial<RouterOptions> = {}): Promise<Routed> {
  const state = options.state ?? join(temporaryFolder(context), 'router')
  const logged: string[] = []
  const log = new RouterLog((line) => logged.push(line))
  const router = await runRouter({ state, port: 0, host: '127.0.0.1', forwarded: 'set', log, ...options })
  context.after(() => router.stop(0))
  const client = new RouterClient(state)
  const put = async (upstreams: readonly RouterUpstream[], more: Partial<RouterService> = {}): Promise<number> => {
    const { revision } = await client.status()
    const service = { id: 'web', domains: ['*'], upstreams, ...more }
    return (await client.putTable({ epoch: 1, expectedRevision: revision, table: { services: [service] } })).revision
  }
  return { state, port: router.record.port, router, client, logged, put }
}

export interface Listening {
  readonly server: Server
  readonly port: number
  readonly address: string
}

/** An application written for one test. */
export async function application(context: TestContext, listener: RequestListener): Promise<Listening> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { server, port, address: `127.0.0.1:${port}` }
}

/** An upstream at full weight; a distinct id for every call unless one is given. */
export function upstream(address: string, more: Partial<RouterUpstream> = {}): RouterUpstream {
  return { id: address, release: 'one', address, weight: 100, ...more }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly trailers: IncomingHttpHeaders | NodeJS.Dict<string>
  readonly body: string
  /** False when the connection ended inside the body. */
  readonly complete: boolean
}

/** One request on a connection of its own. */
export function ask(port: number, options: RequestOptions & { readonly body?: string | Buffer } = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { body, ...rest } = options
  const outgoing = request({ port, host: '127.0.0.1', agent: false, ...rest }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', () => {})
    response.on('close', () => {
      const { statusCode = 0, headers, rawHeaders, trailers, complete } = response
      resolve({ status: statusCode, headers, rawHeaders, trailers, complete, body: Buffer.concat(chunks).toString() })
    })
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}

/** Sends bytes as they are and reads until the other side hangs up, or is silent for a while. */
export function raw(port: number, text: string, silentMs = 1_000): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect({ port, host: '127.0.0.1' })
  socket.setTimeout(silentMs, () => socket.destroy())
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  socket.on('error', () => {})
  socket.on('close', () => resolve(answer))
  socket.write(text, 'latin1')
  return promise
}
