import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What goes wrong with the next requests. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | 'hang'
  | 'cut'
  | 'bad JSON'
  | 'no JSON object'
  | 'another key'
  | 'too long'

export interface TransitDouble {
  readonly url: string
  readonly token: string
  /** Every request that came, `POST transit/encrypt/name`. */
  readonly requests: string[]
  /** What was wrong with requests; must stay empty. */
  readonly complaints: string[]
  /** Whole requests with their bodies, to look for what must not be in them. */
  readonly bodies: string[]
  /** In the order of requests to this path; undefined is none. */
  readonly faults: (Fault | undefined)[]
  /** What the token says of itself. */
  readonly life: { ttl: number; renewable: boolean }
}

const KEY = 'headgate'
const VERSION = 'v1'

/**
 * The part of a transit engine that is used, on this machine's loopback: checks each request against what the real one
 * takes, binds ciphertexts to their associated data as it does, and fails when it is told to.
 */
export async function startTransitDouble(t: TestContext): Promise<TransitDouble> {
  const double = {
    token: `s.${randomBytes(12).toString('hex')}`,
    requests: [],
    complaints: [],
    bodies: [],
    faults: [],
    life: { ttl: 3600, renewable: true },
  }
  const state = { ...double, wrapping: randomBytes(32) } as State
  const server = createServer((request, response) => void answer(state, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { ...double, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

interface State extends Omit<TransitDouble, 'url'> {
  readonly wrapping: Buffer
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString('utf8')
  const path = (request.url ?? '').replace('/v1/', '')
  state.requests.push(`${request.method} ${path}`)
  state.bodies.push(`${JSON.stringify(request.headers)} ${request.url} ${body}`)
  const send = (status: number, value: unknown, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof value === 'string' ? value : JSON.stringify(value))
  }
  const fault = path.startsWith('transit/') ? state.faults.shift() : undefined
  if (typeof fault === 'object') return send(fault.status, { errors: ['the secret of the other side, never to be quoted'] }, fault.headers)
  if (fault === 'hang') return
  if (fault === 'cut') return void request.socket.destroy()
  if (fault === 'bad JSON') return send(200, '{"data":')
  if (fault === 'no JSON object') return send(200, '["data"]')
  if (fault === 'too long') return send(200, `{"data":"${'x'.repeat(300_000)}"}`)
  if (request.headers['x-vault-token'] !== state.token) return send(403, { errors: ['permission denied'] })
  if (path === 'auth/token/lookup-self') return send(200, { data: { ttl: state.life.ttl, renewable: state.life.renewable } })
  if (path === 'auth/token/renew-self') return send(200, { auth: { lease_duration: state.life.ttl, renewable: state.life.renewable } })
  send(...transit(state, path, body, fault === 'another key'))
}

function transit(state: State, path: string, body: string, lie: boolean): [number, unknown] {
  const [, action, key] = path.split('/')
  const complain = (what: string): [number, unknown] => {
    state.complaints.push(`${path}: ${what}`)
    return [400, { errors: [what] }]
  }
  if (key !== KEY) return [action === 'decrypt' || action === 'encrypt' ? 400 : 404, { errors: ['no such key'] }]
  const fields = JSON.parse(body) as Record<string, unknown>
  const { associated_data: bound } = fields
  if (typeof bound !== 'string' || !/^headgate root key 1\n[0-9a-f]+\n[0-9a-f]{16}$/.test(Buffer.from(bound, 'base64').toString()))
    return complain('associated_data is not what Headgate binds')
  if (action === 'encrypt') {
    if (Object.keys(fields).toSorted().join() !== 'associated_data,plaintext') return complain(`fields ${Object.keys(fields).join()}`)
    const plaintext = Buffer.from(String(fields['plaintext']), 'base64')
    if (plaintext.length !== 32) return complain(`${plaintext.length} bytes of plaintext`)
    return [200, { data: { ciphertext: `vault:${VERSION}:${encrypt(state.wrapping, plaintext, bound)}`, key_version: 1 } }]
  }
  if (action !== 'decrypt') return complain('no such action')
  const [, version, text = ''] = String(fields['ciphertext']).split(':')
  if (version !== VERSION) return complain('no such version')
  const plaintext = decrypt(state.wrapping, text, bound)
  if (!plaintext) return [400, { errors: ['cipher: message authentication failed'] }]
  return [200, { data: { plaintext: (lie ? randomBytes(32) : plaintext).toString('base64') } }]
}

function encrypt(key: Buffer, plaintext: Buffer, bound: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function decrypt(key: Buffer, text: string, bound: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(bound))
    decipher.setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
  } catch {
    return undefined
  }
}
