import type { RouteName } from '@headgate/contract'
import { problemOf } from '@headgate/model'
import { type BetweenNodes, type Caller, HOP_HEADER, type RequestOrigin } from '@headgate/operations'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../native/answer-errors.ts'
import { passOn, refusesHop } from './pass-on.ts'

/**
 * Brings a request to the node that keeps its target. One that another node passed on keeps the id and the address it was
 * asked with, as that node says.
 *
 * @param params as the contract read them
 * @returns where the request came from, for the answer that is made here; undefined where it was answered
 */
export async function reachKeeper(
  nodes: BetweenNodes,
  route: RouteName,
  caller: Caller,
  params: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<RequestOrigin | undefined> {
  const written = request.headers[HOP_HEADER]
  if (written === undefined) {
    const passedOn = await passOn(nodes, route, caller, params, request, reply)
    return passedOn ? undefined : { request: request.id, address: request.ip }
  }
  const hop = typeof written === 'string' ? await nodes.readHop(written, request) : undefined
  if (!hop) {
    const reason = `its header ${HOP_HEADER} was not written by a node of this database, for this request, within the last minute`
    sendProblem(reply, problemOf('REQUEST_INVALID', { reason }))
    return undefined
  }
  request.id = hop.request
  if (await refusesHop(nodes, route, caller, params, reply)) return undefined
  return { request: hop.request, address: hop.client, via: hop.from }
}
