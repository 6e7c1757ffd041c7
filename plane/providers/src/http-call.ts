import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { AddressRules } from './address-rules.ts'
import { SourceFault } from './outside-source.ts'

export interface HttpCall {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

/** Connections of all sources, each made under the address rules. */
export interface HttpClient {
  readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent }
  /**
   * One request and its whole answer, whatever its status. Redirects are not followed: an allowed address could send
   * the plane to one that is not.
   *
   * @throws SourceFault
   */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer>
  close(): void
}

/** The largest answer that is read, in bytes. */
const ANSWER_LIMIT = 4 * 1024 * 1024

export function createHttpClient(rules: AddressRules): HttpClient {
  const agents = {
    http: new HttpAgent({ keepAlive: true, lookup: rules.lookup }),
    https: new HttpsAgent({ keepAlive: true, lookup: rules.lookup }),
  }
  return {
    agents,
    async send(call, signal) {
      rules.check(call.url)
      const answer = await begin(call, agents, signal)
      const status = answer.statusCode ?? 0
      if (status >= 300 && status < 400) {
        answer.destroy()
        throw new SourceFault(`${call.url.origin} answered with a redirect, which is not followed`)
      }
      return { status, text: await readAll(answer, call.url.origin) }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function begin({ method, url, headers, body }: HttpCall, agents: HttpClient['agents'], signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:'
    const options = { method, signal, headers: { accept: 'application/json', ...headers, ...(body === undefined ? {} : lengthOf(body)) } }
    const request: ClientRequest = secure
      ? httpsRequest(url, { ...options, agent: agents.https }, resolve)
      : httpRequest(url, { ...options, agent: agents.http }, resolve)
    request.on('error', (error: NodeJS.ErrnoException) => reject(faultOf(error, url, signal)))
    request.end(body)
  })
}

function lengthOf(body: string): Record<string, string> {
  return { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
}

function faultOf(error: NodeJS.ErrnoException, url: URL, signal: AbortSignal): Error {
  if (error instanceof SourceFault || signal.aborted) return error
  // The system's own words name hosts and ports only; anything else might quote what was exchanged.
  return new SourceFault(`${url.origin} could not be asked: ${error.code ?? 'the connection failed'}`, { passing: true, cause: error })
}

async function readAll(answer: IncomingMessage, from: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > ANSWER_LIMIT) throw new SourceFault(`${from} answered with more than ${ANSWER_LIMIT} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof SourceFault) throw error
    throw new SourceFault(`the answer of ${from} broke off`, { passing: true, cause: error })
  }
  return Buffer.concat(chunks).toString('utf8')
}
