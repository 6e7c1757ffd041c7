import websocket from '@fastify/websocket'
import type { Operations } from '@headgate/operations'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { answerErrors } from './native/answer-errors.ts'
import { registerRoutes } from './native/register-routes.ts'
import { registerEvents } from './sockets/events.ts'
import { registerStatusPage } from './status-page.ts'

export interface ServerOptions {
  readonly operations: Operations
  readonly log: Logger
  readonly version: string
  /** Address to listen on; anything but loopback exposes the plane, so it is never the default. */
  readonly host: string
  /** 0 chooses a free one. */
  readonly port: number
}

export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops accepting, lets requests under way end, closes sockets with 1001. */
  close(): Promise<void>
}

/** How long a request may take to arrive, in milliseconds; slower senders are cut. */
const REQUEST_WITHIN = 60_000
const KEEP_ALIVE = 75_000
/** How long a stop waits for requests under way, in milliseconds. */
const CLOSE_WITHIN = 10_000

/** Opens the plane to clients. Resolves when it accepts connections; fails in words where the port is taken. */
export async function startServer(options: ServerOptions): Promise<Listening> {
  const app = createApp(options)
  await app.listen({ host: options.host, port: options.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${host}:${port}`, port, close: () => closeApp(app) }
}

function createApp(options: ServerOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    genReqId: () => crypto.randomUUID(),
    requestTimeout: REQUEST_WITHIN,
    keepAliveTimeout: KEEP_ALIVE,
    bodyLimit: 1,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  })
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    options.log.info(
      { request: request.id, method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    )
  })
  answerErrors(app, options.log)
  void app.register(websocket, { options: { maxPayload: 64 * 1024 } })
  void app.register(async (scope) => {
    registerRoutes(scope, options.operations, options.version)
    registerEvents(scope, options.operations, options.log)
    registerStatusPage(scope, options.operations, options.version)
  })
  return app
}

/** Idle connections are closed at once; one that never ends does not keep the plane from stopping. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN)
  try {
    for (const client of app.websocketServer.clients) client.close(1001, 'the plane stops')
    await app.close()
  } finally {
    clearTimeout(cut)
  }
}
