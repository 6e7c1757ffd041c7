import { setTimeout as pause } from 'node:timers/promises'
import { HeadgateError, type Secret } from '@headgate/model'

/** How a key service of the kind of Vault or OpenBao is reached. */
export interface TransitOptions {
  /** `https://…`; plain HTTP on this machine only, because the token travels with every request. */
  readonly url: string
  /** Asked for with every request, so that a file somebody renews may stand behind it. */
  readonly token: () => Promise<Secret>
  readonly namespace?: string
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeout?: number
  /** The pauses in front of the second and further attempts, in milliseconds. */
  readonly pauses?: readonly number[]
}

export interface TransitClient {
  /** The service's address without anything secret, for messages. */
  readonly address: string
  /** Sends JSON and answers JSON, an object. @throws KMS_INSECURE, KMS_UNREACHABLE, KMS_REFUSED, KMS_ANSWER_INVALID */
  post(path: string, body: object): Promise<Record<string, unknown>>
  get(path: string): Promise<Record<string, unknown>>
}

const DEFAULT_TIMEOUT = 10_000
const DEFAULT_PAUSES = [200, 1_000]
const ANSWER_LIMIT = 256 * 1024
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** What can pass by itself: too many requests, or trouble at the other end. */
const passing = (status: number) => status === 429 || status >= 500

/** What a status means in words. Bodies of refusals are not quoted: nobody promises what stands in them. */
const meanings: Readonly<Record<number, string>> = {
  400: 'it finds the request wrong: look at the name and the type of the key',
  403: 'the token may not do this, or is not valid any more',
  404: 'there is no such key or mount',
  429: 'it is asked too much',
  503: 'it is sealed, or down for maintenance',
}

/** @throws KMS_INSECURE for an address the token must not be sent to */
export function createTransitClient(options: TransitOptions): TransitClient {
  const { timeout = DEFAULT_TIMEOUT, pauses = DEFAULT_PAUSES } = options
  const base = addressOf(options.url)
  const address = base.origin

  const attempt = async (method: 'GET' | 'POST', path: string, body: object | undefined): Promise<Response> => {
    const token = await options.token()
    return fetch(new URL(`/v1/${path}`, base), {
      method,
      // Whoever answers with another address would be sent the token.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
      headers: {
        'x-vault-token': token.reveal(),
        'x-vault-request': 'true',
        ...(options.namespace === undefined ? {} : { 'x-vault-namespace': options.namespace }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  const send = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> => {
    for (let n = 0; ; n += 1) {
      const last = n >= pauses.length
      try {
        const response = await attempt(method, path, body)
        if (response.ok) return await readAnswer(response, address)
        await response.body?.cancel()
        if (last || !passing(response.status)) throw refusal(address, response.status)
      } catch (error) {
        if (error instanceof HeadgateError) throw error
        if (last) throw unreachable(address, error, timeout)
      }
      await pause(pauses[n])
    }
  }
  return { address, post: (path, body) => send('POST', path, body), get: (path) => send('GET', path) }
}

function addressOf(text: string): URL {
  const invalid = (reason: string) => new HeadgateError('KMS_INSECURE', { url: text.replace(/\/\/.*@/, '//'), reason })
  if (!URL.canParse(text)) throw invalid('it is no address')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw invalid('a name or a password must not stand in it')
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))) return url
  throw invalid('it needs https, because a token is sent to it; http is for this machine only')
}

async function readAnswer(response: Response, address: string): Promise<Record<string, unknown>> {
  const invalid = (reason: string) => new HeadgateError('KMS_ANSWER_INVALID', { url: address, reason })
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > ANSWER_LIMIT) throw invalid('it is far too long')
    chunks.push(chunk)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // The one message for all of these.
  } finally {
    for (const chunk of chunks) chunk.fill(0)
  }
  throw invalid('it is not JSON of the form that was expected')
}

function refusal(address: string, status: number): HeadgateError {
  const redirected = status >= 300 && status < 400
  const reason = redirected ? 'it points to another address; name that one' : (meanings[status] ?? 'it gave no reason')
  return new HeadgateError('KMS_REFUSED', { url: address, status, reason })
}

function unreachable(address: string, error: unknown, timeout: number): HeadgateError {
  const { name, cause } = error as Error & { cause?: { code?: string } }
  const reason = name === 'TimeoutError' ? `no answer within ${timeout / 1000} s` : (cause?.code ?? 'the connection broke')
  return new HeadgateError('KMS_UNREACHABLE', { url: address, reason }, { cause: error })
}
