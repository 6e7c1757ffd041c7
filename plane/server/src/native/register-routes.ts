import { Readable } from 'node:stream'
import { DEFAULT_BODY_LIMIT, type Route, type RouteName, openApiDocument, readInput, routes } from '@headgate/contract'
import { type Result, Secret, ok, refuse } from '@headgate/model'
import { type Caller, type Operations, Rendered, type RequestOrigin } from '@headgate/operations'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { reachKeeper } from '../nodes/reach-keeper.ts'
import { sendProblem } from './answer-errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, where the route is of the contract and not public. */
    caller?: Caller | undefined
  }
}

/** Serves every route of the contract, and the contract itself as OpenAPI. */
export function registerRoutes(app: FastifyInstance, operations: Operations, version: string): void {
  // Every request has it from its making, so that all are of one shape.
  app.decorateRequest('caller', undefined)
  const names = Object.keys(routes) as RouteName[]
  const takesBytes = (name: RouteName): boolean => (routes[name] as Route).body === 'bytes'
  // The body is read by what the route expects, whatever the client calls it.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    for (const name of names.filter((candidate) => !takesBytes(candidate))) registerRoute(scope, operations, name)
  })
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const name of names.filter(takesBytes)) registerRoute(scope, operations, name)
  })
  // Made when somebody first asks: it takes longer than all the other routes together.
  let document: object | undefined
  app.get('/api/v1/openapi.json', (_request, reply) => reply.send((document ??= openApiDocument(version))))
}

/** How often it is looked for who answers a request, where nodes are after the same target. */
const TURNS = 3

function registerRoute(app: FastifyInstance, operations: Operations, name: RouteName): void {
  const route: Route = routes[name]
  // Who asks is known before a byte of the body is read; mostly at once, and then nothing is waited for.
  const identify: onRequestHookHandler = (request, reply, proceed) => {
    const settle = (caller: Result<Caller>): void => {
      if (!caller.ok) return void sendProblem(reply, caller.problem)
      request.caller = caller.value
      proceed()
    }
    const caller = operations.authenticate(tokenOf(request), { request: request.id, address: request.ip })
    if (caller instanceof Promise) caller.then(settle).catch(proceed)
    else settle(caller)
  }
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimit ?? DEFAULT_BODY_LIMIT,
    ...(route.permission === 'public' ? {} : { onRequest: identify }),
    handler: async (request, reply) => {
      const body = readBody(route, request.body)
      const input = body.ok ? readInput(name, { params: request.params, query: request.query, body: body.value }) : body
      if (!input.ok) return sendProblem(reply, input.problem)
      for (let turn = 1; ; turn += 1) {
        const asked = originOf(operations, name, request, reply, input.value.params)
        const origin = asked instanceof Promise ? await asked : asked
        if (!origin) return reply
        const result = await operations.answer(name, request.caller, input.value, origin)
        if (result.ok) return sendAnswer(route, reply, result.value)
        // Nobody kept the target when it was asked for, and another node took it before this one could.
        if (result.problem.code !== 'NODE_UNREACHABLE' || turn === TURNS) return sendProblem(reply, result.problem)
      }
    },
  })
}

/** Where a request came from; undefined where another node has answered it. */
function originOf(
  { nodes }: Operations,
  name: RouteName,
  request: FastifyRequest,
  reply: FastifyReply,
  params: unknown,
): RequestOrigin | Promise<RequestOrigin | undefined> {
  const route: Route = routes[name]
  if (nodes && request.caller && route.answeredBy === 'keeper') return reachKeeper(nodes, name, request.caller, params, request, reply)
  return { request: request.id, address: request.ip }
}

function tokenOf(request: FastifyRequest): Secret | undefined {
  const header = request.headers.authorization
  const match = header === undefined ? null : /^Bearer +(\S+)$/i.exec(header)
  return match?.[1] === undefined ? undefined : new Secret(match[1])
}

function readBody(route: Route, body: unknown): Result<unknown> {
  if (route.body === 'bytes') return ok(body ?? Readable.from([]))
  if (!Buffer.isBuffer(body) || body.length === 0) return ok(undefined)
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch {
    // The parser's own words quote the body, which may hold a secret.
    return refuse('REQUEST_INVALID', { reason: 'the body is not JSON in UTF-8' })
  }
}

function sendAnswer(route: Route, reply: FastifyReply, answer: unknown): FastifyReply {
  if (route.answer === 'bytes') return reply.type('application/octet-stream').send(Readable.from(answer as AsyncIterable<Uint8Array>))
  if (route.answer === 'text') return reply.type('text/plain; charset=utf-8').send(answer)
  if (route.answer === 'lines') return reply.type('application/x-ndjson').send(Readable.from(lines(answer as AsyncIterable<unknown>)))
  return reply.type('application/json; charset=utf-8').send(answer instanceof Rendered ? answer.json : JSON.stringify(answer))
}

async function* lines(events: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`
}
