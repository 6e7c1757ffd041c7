import assert from 'node:assert/strict'
import { type RouteName, routes } from '@headgate/contract'
import { fittingBody, pathOf } from './fitting-request.ts'
import type { ServedPlane } from './served-plane.ts'

/** What a route answered. */
export interface Said {
  readonly status: number
  readonly code: string
  readonly text: string
  /** The request's id, where it was refused. */
  readonly request: string | undefined
}

/** One request of a route; without `body` it has one that fits, where the route takes one. */
export async function askRoute(
  plane: ServedPlane,
  name: RouteName,
  { token, body, path = pathOf(name) }: { token?: string | undefined; body?: string; path?: string },
): Promise<Said> {
  const headers: Record<string, string> = { 'content-type': 'text/plain' }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  const { method } = routes[name]
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(60_000) }
  const sent = body ?? JSON.stringify(fittingBody(name))
  if (sent !== undefined && method !== 'GET') init.body = sent
  const response = await fetch(plane.url + path, init)
  const text = await response.text()
  const answer = response.status >= 400 ? (JSON.parse(text) as { code: string; request?: string }) : undefined
  if (answer)
    assert.match(
      answer.request ?? '',
      /^[0-9a-f-]{36}$/,
      `${name} names no request id: ${method} ${path.slice(0, 200)} ${response.status} ${text.slice(0, 200)}`,
    )
  return { status: response.status, code: answer?.code ?? '', text, request: answer?.request }
}
