import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Told {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What a double does instead of answering. */
export type Misbehaviour = 'hang' | 'reset' | 'garbage' | 'huge' | 'redirect' | 'break-off' | { readonly status: number }

export interface Double {
  readonly origin: string
  readonly asked: Asked[]
  /** Misbehaves in the next requests, one entry each, and then answers again. */
  misbehave(...how: readonly Misbehaviour[]): void
  /** Misbehaves in every request. */
  misbehaveAlways(how: Misbehaviour): void
}

/** A server on loopback that stands for an outside one: it keeps what it was asked and can misbehave. */
export async function startDouble(t: TestContext, answer: (asked: Asked) => Told | Promise<Told>): Promise<Double> {
  const asked: Asked[] = []
  const planned: Misbehaviour[] = []
  let always: Misbehaviour | undefined
  const server = createServer((request, response) => void serve(request, response))
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
    asked.push(one)
    const how = planned.shift() ?? always
    if (how !== undefined) return misbehave(response, how)
    const { status = 200, body, headers = {} } = await answer(one)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    misbehave: (...how) => void planned.push(...how),
    misbehaveAlways: (how) => void (always = how),
  }
}

function misbehave(response: ServerResponse, how: Misbehaviour): void {
  if (how === 'hang') return
  if (how === 'reset') return void response.socket?.resetAndDestroy()
  if (how === 'garbage') return void response.end('<html>not what you asked for</html>')
  if (how === 'huge') return void response.end(JSON.stringify({ data: 'x'.repeat(5 * 1024 * 1024) }))
  if (how === 'redirect') return void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end()
  if (how === 'break-off') {
    response.writeHead(200, { 'content-length': '1000', 'content-type': 'application/json' })
    response.write('{"data":')
    return void setImmediate(() => response.destroy())
  }
  response.writeHead(how.status, { 'content-type': 'application/json' }).end('{"errors":["no"],"message":"no"}')
}
