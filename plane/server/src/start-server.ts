import { randomUUID } from 'node:crypto'
import websocket from '@fastify/websocket'
import type { Operations } from '@headgate/operations'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Server } from 'node:https'
import type { Logger } from 'pino'
import { answerUnroutable } from './answer-unroutable.ts'
import { answerErrors } from './native/answer-errors.ts'
import type { Metrics } from './observing/metrics.ts'
import type { Traces } from './observing/traces.ts'
import { registerRoutes } from './native/register-routes.ts'
import { registerNodeRoutes } from './nodes/node-routes.ts'
import { registerPulumiRoutes } from './pulumi/register-pulumi-routes.ts'
import { registerEvents } from './sockets/events.ts'
import { registerStatusPage } from './status-page.ts'
import { type TlsFiles, readTls, reloadTls } from './tls.ts'

export interface ServerOptions {
  readonly operations: Operations
  readonly log: Logger
  readonly version: string
  /** Address to listen on; anything but loopback exposes the plane, so it is never the default. */
  readonly host: string
  /** 0 chooses a free one. */
  readonly port: number
  /** Speaks TLS, and takes renewed files over. Without it, plain HTTP. */
  readonly tls?: TlsFiles
  /** Connections at a time; others are refused. */
  readonly connections?: number
  readonly metrics?: Metrics
  readonly traces?: Traces
}

export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops accepting, lets requests under way end, closes sockets with 1001. */
  close(): Promise<void>
}

/** How long the head of a request may take to arrive, in milliseconds, and the whole of it; slower senders are cut. */
const HEAD_WITHIN = 15_000
const REQUEST_WITHIN = 15 * 60_000
/** Bytes of a request's head. */
const HEAD_LIMIT = 16 * 1024
const CONNECTION_LIMIT = 10_000
/** Connections the system holds ready until they are taken: all programs of a fleet that starts, or comes back, at once. */
const BACKLOG = 4_096
const KEEP_ALIVE = 75_000
/** How long a stop waits for requests under way, in milliseconds. */
const CLOSE_WITHIN = 10_000

/** Opens the plane to clients. Resolves when it accepts connections; fails in words where the port is taken. */
export async function startServer(options: ServerOptions): Promise<Listening> {
  const app = createApp(options)
  await app.listen({ host: options.host, port: options.port, backlog: BACKLOG })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  const { tls, log } = options
  const stopLooking = tls ? reloadTls(tls, (renewed) => (app.server as unknown as Server).setSecureContext(renewed), log) : undefined
  const close = async (): Promise<void> => {
    stopLooking?.()
    await closeApp(app)
  }
  return { url: `${tls ? 'https' : 'http'}://${host}:${port}`, port, close }
}

function createApp(options: ServerOptions): FastifyInstance {
  const { tls, metrics, traces, log, operations } = options
  const limits = { maxHeaderSize: HEAD_LIMIT, headersTimeout: HEAD_WITHIN, connectionsCheckingInterval: 5_000 }
  // Its type names the kind of server, which nothing here depends on.
  const app = Fastify({
    ...(tls ? { https: { ...limits, ...readTls(tls) } } : { http: limits }),
    logger: false,
    genReqId: () => randomUUID(),
    frameworkErrors: (_error, request, reply) => answerUnroutable(request, reply),
    requestTimeout: REQUEST_WITHIN,
    keepAliveTimeout: KEEP_ALIVE,
    bodyLimit: 1,
    forceCloseConnections: 'idle',
    // A client of the Pulumi protocol writes some paths with two slashes.
    routerOptions: { maxParamLength: 200, ignoreDuplicateSlashes: true },
    // What comes in is read by the contract. Without this, the libraries for it are loaded at every start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  }) as unknown as FastifyInstance
  app.server.maxConnections = options.connections ?? CONNECTION_LIMIT
  // Hooks that wait for nothing say so by calling back: a promise each would cost every request two turns of the loop.
  app.addHook('onRequest', (_request, reply, next) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    next()
  })
  if (log.isLevelEnabled('info')) logAnswers(app, log)
  metrics?.observe(app, operations)
  traces?.observe(app)
  answerErrors(app, log)
  void app.register(websocket, { options: { maxPayload: 64 * 1024 } })
  void app.register(async (scope) => {
    registerRoutes(scope, options.operations, options.version)
    if (operations.nodes) registerNodeRoutes(scope, operations.nodes)
    registerPulumiRoutes(scope, options.operations, options.log)
    registerEvents(scope, options.operations, options.log)
    registerStatusPage(scope, options.operations, options.version)
  })
  return app
}

/** One line a request, when its answer has ended. */
function logAnswers(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', (request, reply, next) => {
    const route = request.routeOptions.url ?? 'none'
    log.info(
      { request: request.id, method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    )
    next()
  })
}

/** No route has a schema of the server's own kind. */
function noSchemas(): never {
  throw new Error('a route of the server has a schema; shapes belong to the contract')
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
