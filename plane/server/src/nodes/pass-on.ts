import type { IncomingMessage } from 'node:http'
import type { RouteName } from '@headgate/contract'
import { type Problem, problemOf } from '@headgate/model'
import { type BetweenNodes, HOP_HEADER, type Keeper, NodeSilent, NodeUnreachable } from '@headgate/operations'
import type { Caller } from '@headgate/operations'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../native/answer-errors.ts'

/** What goes along with a request that is passed on, beside what the hop says of it. */
const SENT = ['authorization', 'content-type', 'accept', 'traceparent', 'tracestate'] as const
/** What comes back with its answer. */
const RETURNED = ['content-type', 'www-authenticate'] as const
/** How often it is looked whether the node that answers still keeps the target, in milliseconds. */
const LOOK_EVERY = 5_000

/**
 * Has another node answer where it keeps the target, and hands its answer on as it comes. What could not be sent is sent once
 * more where the target has gone to another node meanwhile; what may have been received never is.
 *
 * @param params as the contract read them
 * @returns false where this node is to answer itself
 */
export async function passOn(
  nodes: BetweenNodes,
  route: RouteName,
  caller: Caller,
  params: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  const keeperNow = () => nodes.keeperOf(route, caller, params)
  let keeper = await keeperNow()
  for (let attempt = 0; keeper; attempt += 1) {
    const done = await attemptAt(nodes, keeper, request, reply, keeperNow)
    if (done === 'answered') return true
    const next = await keeperNow()
    if (next && (attempt > 0 || isSame(next, keeper))) {
      sendProblem(reply, done)
      return true
    }
    keeper = next
  }
  return false
}

/** A request that another node passed on is answered here or not at all; so none goes in a circle. */
export async function refusesHop(
  nodes: BetweenNodes,
  route: RouteName,
  caller: Caller,
  params: unknown,
  reply: FastifyReply,
): Promise<boolean> {
  const keeper = await nodes.keeperOf(route, caller, params)
  if (!keeper) return false
  void reply.header(HOP_HEADER, 'refused')
  sendProblem(reply, unreachable(keeper, 'it was passed on already, and the target has gone to that node meanwhile'))
  return true
}

/** @returns why nothing was sent, where nothing was */
async function attemptAt(
  nodes: BetweenNodes,
  keeper: Keeper,
  request: FastifyRequest,
  reply: FastifyReply,
  keeperNow: () => Promise<Keeper | undefined>,
): Promise<'answered' | Problem> {
  const leaving = new AbortController()
  const stop = watch(keeper, keeperNow, leaving)
  reply.raw.once('close', () => {
    stop()
    // Whoever asked has gone: nobody is to work for them.
    if (!reply.raw.writableFinished) leaving.abort()
  })
  try {
    const answer = await send(nodes, keeper, request, leaving.signal)
    if (answer.headers[HOP_HEADER] === 'refused') {
      answer.destroy()
      stop()
      return unreachable(keeper, 'it keeps the target no more')
    }
    void reply.code(answer.statusCode ?? 502)
    for (const name of RETURNED) if (answer.headers[name] !== undefined) void reply.header(name, answer.headers[name])
    void reply.send(answer)
    return 'answered'
  } catch (cause) {
    stop()
    if (cause instanceof NodeUnreachable) return unreachable(keeper, cause.message)
    if (!(cause instanceof NodeSilent)) throw cause
    // What changes nothing is as if it had never been asked.
    if (request.method === 'GET') return unreachable(keeper, cause.message)
    sendProblem(reply, problemOf('NODE_UNCERTAIN', { holder: keeper.node, target: keeper.target, reason: cause.message }))
    return 'answered'
  }
}

async function send(nodes: BetweenNodes, keeper: Keeper, request: FastifyRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, url, id, ip, headers, body } = request
  const connection = await nodes.connect(keeper.node)
  try {
    const sent = Object.fromEntries(SENT.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])))
    const hop = nodes.writeHop({ to: keeper.node, request: id, client: ip, method, url })
    const bytes = Buffer.isBuffer(body) && body.length > 0 ? body : undefined
    const length: Record<string, string> = method === 'GET' ? {} : { 'content-length': String(bytes?.length ?? 0) }
    const answer = await connection.send({
      method,
      path: url,
      headers: { ...sent, ...length, [HOP_HEADER]: hop },
      signal,
      ...(bytes ? { body: bytes } : {}),
    })
    answer.once('close', () => connection.close())
    return answer
  } catch (cause) {
    connection.close()
    throw cause
  }
}

/** Lets go of a node that lost the target while it answered: its machine may be gone without a word. */
function watch(keeper: Keeper, keeperNow: () => Promise<Keeper | undefined>, leaving: AbortController): () => void {
  const timer = setInterval(() => {
    const leaveUnlessSame = (now: Keeper | undefined) => (now && isSame(now, keeper) ? undefined : leaving.abort())
    keeperNow().then(leaveUnlessSame, () => undefined)
  }, LOOK_EVERY)
  timer.unref()
  return () => clearInterval(timer)
}

function isSame(one: Keeper, other: Keeper): boolean {
  return one.node === other.node && one.epoch === other.epoch
}

function unreachable({ node, target }: Keeper, reason: string): Problem {
  return problemOf('NODE_UNREACHABLE', { holder: node, target, reason })
}
