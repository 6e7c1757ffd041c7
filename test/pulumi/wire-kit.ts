import type { ServedPlane } from '../plane/served-plane.ts'

export interface WireCall {
  readonly method?: string
  readonly body?: string | Uint8Array
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface WireAnswered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined where it is none. */
  readonly json: never
}

/** One request as the Go clients send it: a JSON content type whatever the body is. */
export async function call(
  plane: ServedPlane,
  path: string,
  { method = 'GET', body, token, headers }: WireCall = {},
): Promise<WireAnswered> {
  const authorization = token === null ? {} : { authorization: `token ${token ?? plane.ownerToken.reveal()}` }
  const sent = { accept: 'application/vnd.pulumi+8', 'content-type': 'application/json', ...authorization, ...headers }
  const response = await fetch(plane.url + path, { method, headers: sent, ...(body === undefined ? {} : { body: body as never }) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parsed(text) as never }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const E = '/api/esc/environments/main/shop/dev'

/** An environment with one revision beside the empty one. */
export async function seedEnvironment(plane: ServedPlane, text = 'values:\n  a: 1\n'): Promise<void> {
  await call(plane, '/api/esc/environments/main', { method: 'POST', body: '{"project":"shop","name":"dev"}' })
  const saved = await call(plane, E, { method: 'PATCH', body: text })
  if (saved.status !== 200) throw new Error(saved.text)
}
