import { timingSafeEqual } from 'node:crypto'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { RouterErrorCode, RouterRefusal, RouterStatus } from '@headgate/contract'
import type { Commands } from './commands.ts'
import { readDrain, readPause, readPutTable, readResume, readStop } from './control-orders.ts'
import type { RouterLog } from './log.ts'
import { RouterError, refused } from './router-error.ts'

const LARGEST_BODY = 16 * 1024 * 1024

const STATUS_OF: Readonly<Partial<Record<RouterErrorCode, number>>> = {
  unauthorised: 401,
  'service-unknown': 404,
  'stale-revision': 409,
  fenced: 409,
  'upstream-in-use': 409,
  stopping: 503,
  'not-stored': 507,
  internal: 500,
}

/** What the control API reaches: the commands, and the router as a whole. */
export interface Controlled {
  readonly commands: Commands
  readonly token: string
  readonly log: RouterLog
  status(): RouterStatus
  /** Begins to go down. Does not wait. */
  stop(graceMs: number | undefined): void
  readonly stopping: boolean
}

/** The control API: JSON over HTTP on a socket only this user can open, and a token besides. */
export function createControlServer(router: Controlled): Server {
  return createServer({ requestTimeout: 0 }, (request, response) => {
    answer(router, request)
      .then((value) => reply(response, 200, value))
      .catch((error: unknown) => {
        const refusal = asRefusal(error, router.log)
        reply(response, STATUS_OF[refusal.code] ?? 400, refusal)
      })
  })
}

async function answer(router: Controlled, request: IncomingMessage): Promise<unknown> {
  if (!bears(request, router.token)) throw refused('unauthorised', "this is not the router's control token")
  const route = `${request.method} ${request.url}`
  if (route === 'GET /status') return router.status()
  const body = await readBody(request)
  if (route === 'POST /stop') return stop(router, body)
  if (router.stopping) throw refused('stopping', 'the router is going down')
  switch (route) {
    case 'PUT /table':
      return router.commands.putTable(readPutTable(body))
    case 'POST /drain':
      return router.commands.drain(readDrain(body))
    case 'POST /pause':
      await router.commands.pause(readPause(body))
      return {}
    case 'POST /resume':
      return router.commands.resume(readResume(body))
    default:
      throw refused('request-invalid', `the control API has no ${route}`)
  }
}

function stop(router: Controlled, body: unknown): object {
  router.stop(readStop(body).graceMs)
  return {}
}

function bears(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_BODY) throw refused('request-invalid', `an order is at most ${LARGEST_BODY} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
  } catch {
    throw refused('request-invalid', 'the order is not JSON')
  }
}

function asRefusal(error: unknown, log: RouterLog): RouterRefusal {
  if (!(error instanceof RouterError)) {
    log.fault(error)
    return { code: 'internal', message: 'the router failed on this order; its log says more' }
  }
  const { code, message, details, problems } = error
  return { code, message, details, problems }
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) return
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), connection: 'close' })
  response.end(body)
}
