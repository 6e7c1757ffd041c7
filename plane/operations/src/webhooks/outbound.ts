import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { addressRules } from '@headgate/providers'

/** What is sent, and what came back of it. */
export interface OutboundRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface OutboundAnswer {
  /** 0 where nobody answered; `body` says why, without anything of the request. */
  readonly status: number
  readonly headers: string
  readonly body: string
}

/** Calls to addresses that users name, under the operator's rules. */
export interface Outbound {
  /** Why nothing is sent there, in words; undefined where it may be. */
  refusal(url: URL): string | undefined
  post(request: OutboundRequest): Promise<OutboundAnswer>
}

/** How long an answer may take, in milliseconds, and how much of it is kept, in bytes. */
const WITHIN = 10_000
const KEPT = 16 * 1024

/**
 * Calls only the origins the operator lists; link-local addresses never, whatever name leads there. A redirect is an
 * answer and is not followed.
 *
 * @throws TypeError for an entry that is no origin
 */
export function createOutbound(allowed: readonly string[]): Outbound {
  const rules = addressRules(allowed)
  const refusal = (url: URL): string | undefined => {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'it is neither https nor http'
    try {
      rules.check(url)
      return undefined
    } catch {
      return "it is link-local, or the operator's list does not name it"
    }
  }
  return { refusal, post: async (request) => (refusal(request.url) === undefined ? post(request, rules.lookup) : noAnswer('not allowed')) }
}

function noAnswer(why: string): OutboundAnswer {
  return { status: 0, headers: '', body: why }
}

function post({ url, headers, body }: OutboundRequest, lookup: LookupFunction): Promise<OutboundAnswer> {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(WITHIN)
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      lookup,
      signal,
      agent: false as const,
    }
    const outgoing = send(url, options, (incoming) => {
      const chunks: Buffer[] = []
      let size = 0
      incoming.on('data', (chunk: Buffer) => {
        if (size < KEPT) chunks.push(chunk.subarray(0, KEPT - size))
        size += chunk.length
      })
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: headerText(incoming.rawHeaders),
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
      incoming.on('error', () => resolve(noAnswer('the answer broke off')))
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      resolve(noAnswer(signal.aborted ? 'no answer in time' : (error.code ?? 'not reachable'))),
    )
    outgoing.end(body)
  })
}

function headerText(raw: readonly string[]): string {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${raw[index + 1] ?? ''}`] : [])).join('\n')
}
