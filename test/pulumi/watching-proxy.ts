import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request of a client and what it was answered, as they went over the wire. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly requestHeaders: Readonly<Record<string, string | string[] | undefined>>
  readonly requestBody: string
  readonly status: number
  readonly responseHeaders: Readonly<Record<string, string | string[] | undefined>>
  readonly responseBody: string
}

export interface WatchingProxy {
  readonly url: string
  /** What went through since the last call of `take`. */
  take(): Exchange[]
  /** Where requests go from now on. */
  target(url: string): void
  close(): Promise<void>
}

/** Stands between a client and a plane, changes nothing, and keeps everything. */
export async function startWatchingProxy(target: string): Promise<WatchingProxy> {
  let to = target
  const exchanges: Exchange[] = []
  const server: Server = createServer((incoming, outgoing) => {
    forward(to, incoming, outgoing).then(
      (exchange) => void exchanges.push(exchange),
      () => outgoing.destroy(),
    )
  })
  // A client on a busy machine may take long between two requests: a connection that was closed meanwhile would look to it as
  // if the plane had failed, and what is no GET is not sent again.
  Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => exchanges.splice(0),
    target: (url) => void (to = url),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Exchange> {
  const body = await bytesOf(incoming)
  const { method = 'GET', url = '/', headers } = incoming
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(target + url, { method, headers: { ...headers, host: new URL(target).host }, agent: false }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
  const answered = await bytesOf(answer)
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
  outgoing.end(answered)
  return {
    method,
    url,
    requestHeaders: headers,
    requestBody: body.toString('utf8'),
    status: answer.statusCode ?? 0,
    responseHeaders: answer.headers,
    responseBody: answered.toString('utf8'),
  }
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
