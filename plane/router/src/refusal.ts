import type { ServerResponse } from 'node:http'

/** Every answer that is the router's own, by the reason its header gives. No application sent any of these. */
export const REFUSALS = {
  'no-service': { status: 404, message: 'no service has this host name' },
  'no-upstream': { status: 503, message: 'no instance of this service gets requests at present' },
  paused: { status: 503, message: 'this service is paused, and the request was held as long as it may be' },
  'table-lost': { status: 503, message: 'the routing table is damaged, and so is the copy before it' },
  stopping: { status: 503, message: 'the router is going down' },
  unreachable: { status: 502, message: 'no instance of this service could be reached' },
  'upstream-reset': { status: 502, message: 'the instance ended the connection before it answered' },
  'upstream-invalid': { status: 502, message: 'the instance answered with something that is not HTTP' },
  'connect-timeout': { status: 504, message: 'no connection to an instance could be made in time' },
  'response-timeout': { status: 504, message: 'the instance did not answer in time' },
  'drain-limit': { status: 504, message: 'the instance was stopped before it answered' },
  'request-timeout': { status: 408, message: 'the request did not arrive in time' },
  'request-invalid': { status: 400, message: 'the request is not proper HTTP' },
  'head-too-large': { status: 431, message: 'the header fields of the request are too large' },
  'method-refused': { status: 405, message: 'this method is not passed on' },
  'expectation-failed': { status: 417, message: 'the only expectation is 100-continue' },
  'coding-unknown': { status: 501, message: 'the only transfer coding is chunked' },
  internal: { status: 500, message: 'the router failed on this request' },
} as const

export type RefusalReason = keyof typeof REFUSALS

/** Marks an answer as the router's own. */
export const REFUSAL_HEADER = 'x-headgate-router'

/** Answers in the router's own name: JSON to those who accept it, text to others. */
export function answerRefusal(
  response: ServerResponse,
  reason: RefusalReason,
  options: { readonly json: boolean; readonly close: boolean; readonly detail?: string },
): void {
  const { status, message } = REFUSALS[reason]
  const said = options.detail ?? message
  const body = options.json ? `${JSON.stringify({ error: reason, message: said })}\n` : `${status} ${said} (${reason})\n`
  response.writeHead(status, [
    REFUSAL_HEADER,
    reason,
    'content-type',
    options.json ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
    'cache-control',
    'no-store',
    ...(status === 503 ? ['retry-after', '1'] : []),
    ...(options.close ? ['connection', 'close'] : []),
  ])
  response.end(body)
}

/** The same for a connection on which no request could be read. */
export function rawRefusal(reason: RefusalReason): string {
  const { status, message } = REFUSALS[reason]
  const body = `${status} ${message} (${reason})\n`
  return [
    `HTTP/1.1 ${status} ${reason}`,
    `${REFUSAL_HEADER}: ${reason}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
