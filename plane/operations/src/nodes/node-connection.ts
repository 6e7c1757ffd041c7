import { randomBytes } from 'node:crypto'
import { Agent as PlainAgent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Proof } from './node-messages.ts'

/** Where a node answers who it is. */
export const PROOF_PATH = '/api/v1/nodes/proof'
/** How long a node may take to connect and to answer who it is, in milliseconds. */
const PROOF_WITHIN = 5_000
/** A proof is shorter by far. */
const PROOF_LIMIT = 4_096

/** Nothing of the request left this node, so it may be sent again. */
export class NodeUnreachable extends Error {}
/** The request may have been received, and no answer came. */
export class NodeSilent extends Error {}

export interface NodeRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal?: AbortSignal
  /** How long it may be silent, in milliseconds; for ever, if absent. */
  readonly idle?: number
}

/** One connection to a node that showed on it who it is; requests go one after another, each answer read to its end. */
export interface NodeConnection {
  /** @throws NodeUnreachable, NodeSilent */
  send(request: NodeRequest): Promise<IncomingMessage>
  close(): void
}

/**
 * Connects to a node, and has it show that it holds the installation's keys and is the one it is taken for, at the very
 * address that was asked: so nobody who took an address over, or had it written down here once, gets to see a token.
 * What is sent later goes over the connection this was shown on, or not at all.
 *
 * @param fits checks what the node answers
 * @throws NodeUnreachable
 */
export async function connectNode(
  node: string,
  address: string,
  fits: (proof: Proof, made: string) => Promise<boolean>,
): Promise<NodeConnection> {
  const secure = address.startsWith('https:')
  const agent = secure ? new TlsAgent({ keepAlive: true, maxSockets: 1 }) : new PlainAgent({ keepAlive: true, maxSockets: 1 })
  const { hostname, port } = new URL(address)
  const begin = ({ method, path, headers, signal, idle }: NodeRequest): ClientRequest =>
    (secure ? tlsRequest : plainRequest)({
      agent,
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 443 : 80) : port,
      method,
      path,
      headers,
      ...(signal ? { signal } : {}),
      ...(idle === undefined ? {} : { timeout: idle }),
    })
  try {
    const proof = { node, address, challenge: randomBytes(32).toString('base64url') }
    const { made, socket } = await askProof(begin, proof)
    if (!(await fits(proof, made))) throw new NodeUnreachable('who answers there did not show that it is that node')
    return { send: (request) => sendOver(socket, begin(request), request.body), close: () => agent.destroy() }
  } catch (cause) {
    agent.destroy()
    throw cause
  }
}

async function askProof(
  begin: (request: NodeRequest) => ClientRequest,
  proof: Proof,
): Promise<{ readonly made: string; readonly socket: Socket }> {
  const path = `${PROOF_PATH}?${new URLSearchParams({ ...proof }).toString()}`
  const asked = begin({ method: 'GET', path, headers: {}, signal: AbortSignal.timeout(PROOF_WITHIN) })
  try {
    const answer = await answerOf(asked)
    const { socket } = answer
    let made = ''
    for await (const part of answer.setEncoding('utf8')) {
      made += part as string
      if (made.length > PROOF_LIMIT) throw new NodeUnreachable('who answers there is no node')
    }
    if (answer.statusCode !== 200) throw new NodeUnreachable(`who answers there is not that node (status ${answer.statusCode ?? 0})`)
    return { made, socket }
  } catch (cause) {
    throw cause instanceof NodeUnreachable ? cause : new NodeUnreachable(reasonOf(cause))
  }
}

function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.on('response', resolve)
    asked.on('error', reject)
    asked.end()
  })
}

/** Nothing is written before it is certain which connection it goes over. */
function sendOver(proven: Socket, outgoing: ClientRequest, body: Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let sent = false
    outgoing.on('timeout', () => outgoing.destroy(new Error('it fell silent')))
    outgoing.on('socket', (socket) => {
      if (socket !== proven) return outgoing.destroy(new Error('the connection was lost'))
      sent = true
      return outgoing.end(body)
    })
    outgoing.on('response', resolve)
    // After the answer has begun, the answer itself tells of what fails.
    outgoing.on('error', (cause) => reject(sent ? new NodeSilent(reasonOf(cause)) : new NodeUnreachable(reasonOf(cause))))
  })
}

/** Why it failed, in words for people; nothing of what was sent is in them. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it failed'
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return `no answer within ${PROOF_WITHIN / 1000} s`
  return (cause as NodeJS.ErrnoException).code ?? cause.message
}
