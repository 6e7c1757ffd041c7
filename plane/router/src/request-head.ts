import type { IncomingMessage } from 'node:http'

/** What an instance is sent, as read from a request that is safe to pass on. */
export interface RequestHead {
  readonly method: string
  /** Path and query, as the client wrote them. */
  readonly path: string
  /** The authority the request is for, as the client wrote it; empty for HTTP/1.0 without Host. */
  readonly host: string
  /** Flat list of names and values, Host and Content-Length included, hop-by-hop fields left out. */
  readonly headers: string[]
  readonly hasBody: boolean
  /** The client waits for permission before it sends the body. */
  readonly expectsContinue: boolean
}

/** Why a request is not passed on: a sentence for its sender. */
export interface HeadFault {
  readonly status: number
  readonly fault: string
}

/** How the router presents the client to the instances. */
export interface ForwardedPolicy {
  /** `set`: what the client claims about itself is dropped. `append`: a trusted proxy is in front, and its claims are kept. */
  readonly mode: 'set' | 'append'
}

type Treatment = 'drop' | 'host' | 'length' | 'encoding' | 'connection' | 'expect' | 'te' | 'claim'

/** Fields that are not simply passed on. `claim` is what a client could say about itself that applications believe. */
const TREATMENT: ReadonlyMap<string, Treatment> = new Map<string, Treatment>([
  ['host', 'host'],
  ['content-length', 'length'],
  ['transfer-encoding', 'encoding'],
  ['connection', 'connection'],
  ['expect', 'expect'],
  ['te', 'te'],
  ['keep-alive', 'drop'],
  ['proxy-connection', 'drop'],
  ['proxy-authorization', 'drop'],
  ['trailer', 'drop'],
  ['upgrade', 'drop'],
  ['http2-settings', 'drop'],
  ['forwarded', 'claim'],
  ['x-forwarded-for', 'claim'],
  ['x-forwarded-host', 'claim'],
  ['x-forwarded-proto', 'claim'],
  ['x-forwarded-port', 'claim'],
  ['x-forwarded-server', 'claim'],
  ['x-real-ip', 'claim'],
])
/** Fields a Connection header may not take away: what follows would be read differently by the next one. */
const KEPT_AGAINST_CONNECTION: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'authorization', 'cookie'])

const AUTHORITY = /^(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i
const PATH = /^\/[\u0021-\u007e]*$/
const LENGTH = /^\d{1,15}$/

/**
 * Reads a request so that exactly one reading of it is possible, and refuses the rest: two framings, two hosts, two lengths. Node's own
 * parser is strict already; this does not lean on it.
 */
export function readRequestHead(request: IncomingMessage, policy: ForwardedPolicy): RequestHead | HeadFault {
  const fields = sortFields(request.rawHeaders)
  if ('fault' in fields) return fields
  if (fields.encoding !== undefined) {
    if (fields.length !== undefined) return bad('Content-Length and Transfer-Encoding contradict each other')
    if (request.httpVersionMinor === 0) return bad('HTTP/1.0 has no Transfer-Encoding')
    if (fields.encoding.toLowerCase() !== 'chunked') return { status: 501, fault: 'the only transfer coding is chunked' }
  }
  const target = readTarget(request, fields.host)
  if ('fault' in target) return target
  const headers = fields.headers
  if (fields.connection !== undefined) dropNamed(headers, fields.connection)
  if (target.host !== '') headers.push('host', target.host)
  if (fields.length !== undefined) headers.push('content-length', fields.length)
  if (fields.trailers) headers.push('te', 'trailers')
  present(headers, request, target.host, fields.claims, policy)
  return {
    method: request.method as string,
    path: target.path,
    host: target.host,
    headers,
    hasBody: fields.encoding !== undefined || (fields.length !== undefined && Number(fields.length) > 0),
    expectsContinue: fields.expects && request.httpVersionMinor === 1,
  }
}

interface SortedFields {
  headers: string[]
  host: string | undefined
  length: string | undefined
  encoding: string | undefined
  connection: string | undefined
  expects: boolean
  trailers: boolean
  claims: Map<string, string> | undefined
}

function sortFields(raw: readonly string[]): SortedFields | HeadFault {
  const fields: SortedFields = {
    headers: [],
    host: undefined,
    length: undefined,
    encoding: undefined,
    connection: undefined,
    expects: false,
    trailers: false,
    claims: undefined,
  }
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string
    const value = raw[index + 1] as string
    const lower = name.toLowerCase()
    const treatment = TREATMENT.get(lower)
    if (treatment === undefined) {
      // Gateways of several languages turn both dashes and underscores into the same variable, so x_forwarded_for would pass for the real one.
      if (!lower.includes('_') || !TREATMENT.has(lower.replaceAll('_', '-'))) fields.headers.push(name, value)
    } else if (treatment !== 'drop') {
      const fault = takeField(fields, treatment, lower, value)
      if (fault) return fault
    }
  }
  return fields
}

function takeField(fields: SortedFields, treatment: Treatment, name: string, value: string): HeadFault | undefined {
  switch (treatment) {
    case 'host':
      if (fields.host !== undefined) return bad('more than one Host')
      fields.host = value
      return
    case 'length':
      if (fields.length !== undefined || !LENGTH.test(value)) return bad('Content-Length is not one number')
      fields.length = value
      return
    case 'encoding':
      if (fields.encoding !== undefined) return bad('more than one Transfer-Encoding')
      fields.encoding = value
      return
    case 'connection':
      fields.connection = fields.connection === undefined ? value : `${fields.connection},${value}`
      return
    case 'expect':
      if (value.toLowerCase() !== '100-continue') return { status: 417, fault: 'the only expectation is 100-continue' }
      fields.expects = true
      return
    case 'te':
      if (/(?:^|[,\s])trailers(?:$|[,;\s])/i.test(value)) fields.trailers = true
      return
    case 'claim': {
      fields.claims ??= new Map()
      const before = fields.claims.get(name)
      fields.claims.set(name, before === undefined ? value : `${before}, ${value}`)
      return
    }
    case 'drop':
  }
}

function bad(fault: string): HeadFault {
  return { status: 400, fault }
}

/** The target in origin form and its authority; a full URL as target wins over Host, as RFC 9112 demands. */
function readTarget(request: IncomingMessage, host: string | undefined): { host: string; path: string } | HeadFault {
  if (request.method === 'TRACE' || request.method === 'CONNECT') return { status: 405, fault: `${request.method} is not passed on` }
  const url = request.url as string
  if (host !== undefined && host !== '' && !AUTHORITY.test(host)) return bad('Host is not a host name')
  if (host === undefined && request.httpVersionMinor === 1) return bad('Host is missing')
  if (url.startsWith('/')) return PATH.test(url) ? { host: host ?? '', path: url } : bad('the path holds characters it must not')
  const full = /^http:\/\/([^/?#]*)(.*)$/is.exec(url)
  if (!full) return bad('the target is neither a path nor a URL')
  const authority = full[1] as string
  const rest = full[2] as string
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return AUTHORITY.test(authority) && PATH.test(path) ? { host: authority, path } : bad('the target is not a proper URL')
}

/** Takes out what the Connection header declares to be meant for this hop only. */
function dropNamed(headers: string[], connection: string): void {
  const named = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  named.delete('close')
  named.delete('keep-alive')
  named.delete('upgrade')
  if (named.size === 0) return
  for (let index = headers.length - 2; index >= 0; index -= 2) {
    const name = (headers[index] as string).toLowerCase()
    if (named.has(name) && !KEPT_AGAINST_CONNECTION.has(name)) headers.splice(index, 2)
  }
}

/** Says who the client is, in the old fields and the standard one. */
function present(
  headers: string[],
  request: IncomingMessage,
  host: string,
  claims: ReadonlyMap<string, string> | undefined,
  policy: ForwardedPolicy,
): void {
  const address = plainAddress(request.socket.remoteAddress ?? '')
  const trusted = policy.mode === 'append' ? claims : undefined
  const proto = trusted?.get('x-forwarded-proto') ?? 'http'
  headers.push('x-forwarded-for', chain(trusted?.get('x-forwarded-for'), address))
  headers.push('x-forwarded-proto', proto)
  headers.push('x-forwarded-host', trusted?.get('x-forwarded-host') ?? host)
  const port = trusted?.get('x-forwarded-port')
  if (port !== undefined) headers.push('x-forwarded-port', port)
  const node = address.includes(':') ? `"[${address}]"` : address
  headers.push('forwarded', chain(trusted?.get('forwarded'), `for=${node};host="${host}";proto=http`))
  headers.push('via', '1.1 headgate')
}

function chain(before: string | undefined, own: string): string {
  return before === undefined || before === '' ? own : `${before}, ${own}`
}

/** An IPv4 client on a dual-stack socket, as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
